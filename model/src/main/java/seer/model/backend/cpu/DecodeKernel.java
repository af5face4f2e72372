package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// One query head against keys and values, with columns along the lanes.
///
/// [AttentionTile] has queries along the lanes; with three queries of eight lanes, most of its work is lost. Here each
/// row of the cache is as many vectors as it has columns for, whatever the number of heads that read it.
final class DecodeKernel {
    private DecodeKernel() {
    }

    /// Whether so few heads are better served here than along the lanes.
    static boolean suits(int heads, int width) {
        return heads < LENGTH && width % LENGTH == 0;
    }

    /// `s[key] = q * keys[key]`.
    ///
    /// Four vectors of the query stay in their registers while the keys pass by: the loop over the columns, eight times
    /// where heads are 64 wide, would be too short to be worth its start.
    ///
    /// @param q       `[width]` from element `q0` on, times the scale of scores
    /// @param keys    `[count, width]` from element `at` on
    /// @param partial `[count, LENGTH]` for passing use
    static void scores(float[] q, int q0, float[] keys, int at, int width, int count, float[] s, float[] partial) {
        Arrays.fill(partial, 0, count * LENGTH, 0);
        int d = 0;
        for (; d + 4 * LENGTH <= width; d += 4 * LENGTH) {
            fourColumns(q, q0 + d, keys, at + d, width, count, partial);
        }
        for (; d < width; d += LENGTH) {
            FloatVector x = FloatVector.fromArray(SPECIES, q, q0 + d);
            for (int key = 0; key < count; key++) {
                x.fma(FloatVector.fromArray(SPECIES, keys, at + d + key * width),
                        FloatVector.fromArray(SPECIES, partial, key * LENGTH)).intoArray(partial, key * LENGTH);
            }
        }
        for (int key = 0; key < count; key++) {
            s[key] = lanes(partial, key * LENGTH);
        }
    }

    /// The sum of a vector in memory, always in this order, compiled or not.
    private static float lanes(float[] partial, int at) {
        float even = 0;
        float odd = 0;
        for (int lane = 0; lane < LENGTH; lane += 2) {
            even += partial[at + lane];
            odd += partial[at + lane + 1];
        }
        return even + odd;
    }

    private static void fourColumns(float[] q, int q0, float[] keys, int at, int width, int count, float[] partial) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, q, q0);
        FloatVector x1 = FloatVector.fromArray(SPECIES, q, q0 + LENGTH);
        FloatVector x2 = FloatVector.fromArray(SPECIES, q, q0 + 2 * LENGTH);
        FloatVector x3 = FloatVector.fromArray(SPECIES, q, q0 + 3 * LENGTH);
        for (int key = 0, k = at; key < count; key++, k += width) {
            FloatVector s = FloatVector.fromArray(SPECIES, partial, key * LENGTH);
            s = x0.fma(FloatVector.fromArray(SPECIES, keys, k), s);
            s = x1.fma(FloatVector.fromArray(SPECIES, keys, k + LENGTH), s);
            s = x2.fma(FloatVector.fromArray(SPECIES, keys, k + 2 * LENGTH), s);
            s = x3.fma(FloatVector.fromArray(SPECIES, keys, k + 3 * LENGTH), s);
            s.intoArray(partial, key * LENGTH);
        }
    }

    /// `o = o * shrink + sum over keys of p[key] * values[key]`.
    ///
    /// @param values `[count, width]` from element `at` on
    /// @param o      `[width]` from element `o0` on
    static void accumulate(float[] p, float[] values, int at, int width, int count, float shrink, float[] o, int o0) {
        int d = 0;
        for (; d + 4 * LENGTH <= width; d += 4 * LENGTH) {
            fourVectors(p, values, at + d, width, count, shrink, o, o0 + d);
        }
        for (; d < width; d += LENGTH) {
            FloatVector s = FloatVector.fromArray(SPECIES, o, o0 + d).mul(shrink);
            for (int key = 0, v = at + d; key < count; key++, v += width) {
                s = FloatVector.broadcast(SPECIES, p[key]).fma(FloatVector.fromArray(SPECIES, values, v), s);
            }
            s.intoArray(o, o0 + d);
        }
    }

    /// Even and odd keys apart: eight sums.
    private static void fourVectors(float[] p, float[] values, int at, int width, int count, float shrink, float[] o,
                             int o0) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, o, o0).mul(shrink);
        FloatVector s1 = FloatVector.fromArray(SPECIES, o, o0 + LENGTH).mul(shrink);
        FloatVector s2 = FloatVector.fromArray(SPECIES, o, o0 + 2 * LENGTH).mul(shrink);
        FloatVector s3 = FloatVector.fromArray(SPECIES, o, o0 + 3 * LENGTH).mul(shrink);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        int key = 0;
        int v = at;
        for (; key + 2 <= count; key += 2, v += 2 * width) {
            FloatVector x = FloatVector.broadcast(SPECIES, p[key]);
            s0 = x.fma(FloatVector.fromArray(SPECIES, values, v), s0);
            s1 = x.fma(FloatVector.fromArray(SPECIES, values, v + LENGTH), s1);
            s2 = x.fma(FloatVector.fromArray(SPECIES, values, v + 2 * LENGTH), s2);
            s3 = x.fma(FloatVector.fromArray(SPECIES, values, v + 3 * LENGTH), s3);
            FloatVector y = FloatVector.broadcast(SPECIES, p[key + 1]);
            t0 = y.fma(FloatVector.fromArray(SPECIES, values, v + width), t0);
            t1 = y.fma(FloatVector.fromArray(SPECIES, values, v + width + LENGTH), t1);
            t2 = y.fma(FloatVector.fromArray(SPECIES, values, v + width + 2 * LENGTH), t2);
            t3 = y.fma(FloatVector.fromArray(SPECIES, values, v + width + 3 * LENGTH), t3);
        }
        if (key < count) {
            FloatVector x = FloatVector.broadcast(SPECIES, p[key]);
            s0 = x.fma(FloatVector.fromArray(SPECIES, values, v), s0);
            s1 = x.fma(FloatVector.fromArray(SPECIES, values, v + LENGTH), s1);
            s2 = x.fma(FloatVector.fromArray(SPECIES, values, v + 2 * LENGTH), s2);
            s3 = x.fma(FloatVector.fromArray(SPECIES, values, v + 3 * LENGTH), s3);
        }
        s0.add(t0).intoArray(o, o0);
        s1.add(t1).intoArray(o, o0 + LENGTH);
        s2.add(t2).intoArray(o, o0 + 2 * LENGTH);
        s3.add(t3).intoArray(o, o0 + 3 * LENGTH);
    }
}
