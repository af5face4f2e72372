package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Adds weighted values to an output that first shrinks:
/// `o[d, lane] = o[d, lane] * shrink[lane] + sum over keys of v[key, d] * p[key, lane]`.
///
/// The tile of [PanelKernel] with the other operand transposed: four columns `d .. d + 3` of one value row are
/// four neighbours in memory, so each cache line of `v` serves four tiles while it is in the level-1 cache.
final class ValueKernel {
    private ValueKernel() {
    }

    /// All columns of one strip.
    ///
    /// @param v      `[keys, width]`, rows `width` apart; `width` is a multiple of 4
    /// @param p      `[keys, lanes]`, probabilities not yet divided by their sum
    /// @param shrink `[lanes]` from element `first` on: what older sums are multiplied with
    /// @param o      `[width, lanes]` from element `o0` on
    static void accumulate(float[] v, int v0, int width, int keys, float[] p, int lanes, float[] shrink, int first,
                           float[] o, int o0) {
        int lane = 0;
        while (lane < lanes) {
            int vectors = Math.min(GROUP, (lanes - lane) / LENGTH);
            if (vectors == 4) {
                for (int d = 0; d < width; d += 4) {
                    columns4x4(v, v0 + d, width, keys, p, lane, lanes, shrink, first + lane, o, o0 + d * lanes + lane);
                }
                lane += 4 * LENGTH;
            } else if (vectors >= 2) {
                for (int d = 0; d < width; d += 4) {
                    columns4x2(v, v0 + d, width, keys, p, lane, lanes, shrink, first + lane, o, o0 + d * lanes + lane);
                }
                lane += 2 * LENGTH;
            } else {
                for (int d = 0; d < width; d += 4) {
                    columns4x1(v, v0 + d, width, keys, p, lane, lanes, shrink, first + lane, o, o0 + d * lanes + lane);
                }
                lane += LENGTH;
            }
        }
    }

    private static FloatVector start(float[] o, int at, FloatVector shrink) {
        return FloatVector.fromArray(SPECIES, o, at).mul(shrink);
    }

    private static void columns4x4(float[] v, int v0, int width, int keys, float[] p, int p0, int lanes,
                                   float[] shrink, int first, float[] o, int o0) {
        int o1 = o0 + lanes;
        int o2 = o1 + lanes;
        int o3 = o2 + lanes;
        FloatVector f0 = FloatVector.fromArray(SPECIES, shrink, first);
        FloatVector f1 = FloatVector.fromArray(SPECIES, shrink, first + LENGTH);
        FloatVector f2 = FloatVector.fromArray(SPECIES, shrink, first + 2 * LENGTH);
        FloatVector f3 = FloatVector.fromArray(SPECIES, shrink, first + 3 * LENGTH);
        FloatVector s00 = start(o, o0, f0);
        FloatVector s01 = start(o, o0 + LENGTH, f1);
        FloatVector s02 = start(o, o0 + 2 * LENGTH, f2);
        FloatVector s03 = start(o, o0 + 3 * LENGTH, f3);
        FloatVector s10 = start(o, o1, f0);
        FloatVector s11 = start(o, o1 + LENGTH, f1);
        FloatVector s12 = start(o, o1 + 2 * LENGTH, f2);
        FloatVector s13 = start(o, o1 + 3 * LENGTH, f3);
        FloatVector s20 = start(o, o2, f0);
        FloatVector s21 = start(o, o2 + LENGTH, f1);
        FloatVector s22 = start(o, o2 + 2 * LENGTH, f2);
        FloatVector s23 = start(o, o2 + 3 * LENGTH, f3);
        FloatVector s30 = start(o, o3, f0);
        FloatVector s31 = start(o, o3 + LENGTH, f1);
        FloatVector s32 = start(o, o3 + 2 * LENGTH, f2);
        FloatVector s33 = start(o, o3 + 3 * LENGTH, f3);
        for (int j = 0, at = p0, a = v0; j < keys; j++, at += lanes, a += width) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, p, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, p, at + LENGTH);
            FloatVector b2 = FloatVector.fromArray(SPECIES, p, at + 2 * LENGTH);
            FloatVector b3 = FloatVector.fromArray(SPECIES, p, at + 3 * LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, v[a]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            s02 = r0.fma(b2, s02);
            s03 = r0.fma(b3, s03);
            FloatVector r1 = FloatVector.broadcast(SPECIES, v[a + 1]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            s12 = r1.fma(b2, s12);
            s13 = r1.fma(b3, s13);
            FloatVector r2 = FloatVector.broadcast(SPECIES, v[a + 2]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            s22 = r2.fma(b2, s22);
            s23 = r2.fma(b3, s23);
            FloatVector r3 = FloatVector.broadcast(SPECIES, v[a + 3]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            s32 = r3.fma(b2, s32);
            s33 = r3.fma(b3, s33);
        }
        s00.intoArray(o, o0);
        s01.intoArray(o, o0 + LENGTH);
        s02.intoArray(o, o0 + 2 * LENGTH);
        s03.intoArray(o, o0 + 3 * LENGTH);
        s10.intoArray(o, o1);
        s11.intoArray(o, o1 + LENGTH);
        s12.intoArray(o, o1 + 2 * LENGTH);
        s13.intoArray(o, o1 + 3 * LENGTH);
        s20.intoArray(o, o2);
        s21.intoArray(o, o2 + LENGTH);
        s22.intoArray(o, o2 + 2 * LENGTH);
        s23.intoArray(o, o2 + 3 * LENGTH);
        s30.intoArray(o, o3);
        s31.intoArray(o, o3 + LENGTH);
        s32.intoArray(o, o3 + 2 * LENGTH);
        s33.intoArray(o, o3 + 3 * LENGTH);
    }

    private static void columns4x2(float[] v, int v0, int width, int keys, float[] p, int p0, int lanes,
                                   float[] shrink, int first, float[] o, int o0) {
        int o1 = o0 + lanes;
        int o2 = o1 + lanes;
        int o3 = o2 + lanes;
        FloatVector f0 = FloatVector.fromArray(SPECIES, shrink, first);
        FloatVector f1 = FloatVector.fromArray(SPECIES, shrink, first + LENGTH);
        FloatVector s00 = start(o, o0, f0);
        FloatVector s01 = start(o, o0 + LENGTH, f1);
        FloatVector s10 = start(o, o1, f0);
        FloatVector s11 = start(o, o1 + LENGTH, f1);
        FloatVector s20 = start(o, o2, f0);
        FloatVector s21 = start(o, o2 + LENGTH, f1);
        FloatVector s30 = start(o, o3, f0);
        FloatVector s31 = start(o, o3 + LENGTH, f1);
        for (int j = 0, at = p0, a = v0; j < keys; j++, at += lanes, a += width) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, p, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, p, at + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, v[a]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            FloatVector r1 = FloatVector.broadcast(SPECIES, v[a + 1]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            FloatVector r2 = FloatVector.broadcast(SPECIES, v[a + 2]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            FloatVector r3 = FloatVector.broadcast(SPECIES, v[a + 3]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
        }
        s00.intoArray(o, o0);
        s01.intoArray(o, o0 + LENGTH);
        s10.intoArray(o, o1);
        s11.intoArray(o, o1 + LENGTH);
        s20.intoArray(o, o2);
        s21.intoArray(o, o2 + LENGTH);
        s30.intoArray(o, o3);
        s31.intoArray(o, o3 + LENGTH);
    }

    private static void columns4x1(float[] v, int v0, int width, int keys, float[] p, int p0, int lanes,
                                   float[] shrink, int first, float[] o, int o0) {
        int o1 = o0 + lanes;
        int o2 = o1 + lanes;
        int o3 = o2 + lanes;
        FloatVector f = FloatVector.fromArray(SPECIES, shrink, first);
        FloatVector s0 = start(o, o0, f);
        FloatVector s1 = start(o, o1, f);
        FloatVector s2 = start(o, o2, f);
        FloatVector s3 = start(o, o3, f);
        for (int j = 0, at = p0, a = v0; j < keys; j++, at += lanes, a += width) {
            FloatVector b = FloatVector.fromArray(SPECIES, p, at);
            s0 = FloatVector.broadcast(SPECIES, v[a]).fma(b, s0);
            s1 = FloatVector.broadcast(SPECIES, v[a + 1]).fma(b, s1);
            s2 = FloatVector.broadcast(SPECIES, v[a + 2]).fma(b, s2);
            s3 = FloatVector.broadcast(SPECIES, v[a + 3]).fma(b, s3);
        }
        s0.intoArray(o, o0);
        s1.intoArray(o, o1);
        s2.intoArray(o, o2);
        s3.intoArray(o, o3);
    }
}
