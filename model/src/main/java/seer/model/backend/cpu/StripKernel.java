package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;

/// Multiplies the columns of a panel with a strip: `out[row, lane] = sum over k of a[k, row] * strip[k, lane]`. Both
/// products of attention are of this form: scores with the keys' columns, outputs with rows of values.
///
/// Rows of `a` are [Lanes#PANEL] apart and those of strips [Lanes#STRIP], both constants, and what is broadcast are
/// neighbours: so one address serves them all. The number of instructions is what bounds such a loop where the core's
/// other thread is busy. With 16 registers, 5 rows x 2 vectors take 25 of them for 10 multiply-adds; the 6 x 2 of
/// [PanelKernel], whose rows stand anywhere, 35 for 12. Six neighbours would be a register too many: the compiler loads
/// three of them before it multiplies, and puts a sum into memory at each step.
final class StripKernel {
    private StripKernel() {
    }

    /// @param a       `[depth, PANEL]` from element `a0` on, of which `rows` columns are used
    /// @param rows    a multiple of 4
    /// @param strip   `[depth, STRIP]` from element `p0` on
    /// @param vectors that are used of each row of the strip
    /// @param out     `[rows, STRIP]` from element `o0` on
    /// @param add     to what is in `out`
    static void multiply(float[] a, int a0, int rows, int depth, float[] strip, int p0, int vectors, float[] out,
                         int o0, boolean add) {
        if (GROUP == 2 && vectors == 2) {
            int fives = fives(rows);
            int row = 0;
            for (; row < fives; row += 5) {
                rows5x2(a, a0 + row, depth, strip, p0, out, o0 + row * STRIP, add);
            }
            for (; row < rows; row += 4) {
                rows4x2(a, a0 + row, depth, strip, p0, out, o0 + row * STRIP, add);
            }
            return;
        }
        for (int vector = 0, left = vectors; left > 0; left = vectors - vector) {
            int p = p0 + vector * LENGTH;
            int o = o0 + vector * LENGTH;
            for (int row = 0; row < rows; row += 4, o += 4 * STRIP) {
                if (left >= 4) {
                    rows4x4(a, a0 + row, depth, strip, p, out, o, add);
                } else if (left >= 2) {
                    rows4x2(a, a0 + row, depth, strip, p, out, o, add);
                } else {
                    rows4x1(a, a0 + row, depth, strip, p, out, o, add);
                }
            }
            vector += left >= 4 ? 4 : left >= 2 ? 2 : 1;
        }
    }

    /// How many of some rows, a multiple of 4, are computed five at a time, so that the rest is a multiple of 4 too.
    private static int fives(int rows) {
        return Math.max(0, rows - (5 - rows % 5) % 5 * 4);
    }

    private static FloatVector start(float[] out, int at, boolean add) {
        return add ? FloatVector.fromArray(SPECIES, out, at) : FloatVector.zero(SPECIES);
    }

    private static void rows5x2(float[] a, int a0, int depth, float[] strip, int p0, float[] out, int o0,
                                boolean add) {
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s10 = start(out, o0 + STRIP, add);
        FloatVector s11 = start(out, o0 + STRIP + LENGTH, add);
        FloatVector s20 = start(out, o0 + 2 * STRIP, add);
        FloatVector s21 = start(out, o0 + 2 * STRIP + LENGTH, add);
        FloatVector s30 = start(out, o0 + 3 * STRIP, add);
        FloatVector s31 = start(out, o0 + 3 * STRIP + LENGTH, add);
        FloatVector s40 = start(out, o0 + 4 * STRIP, add);
        FloatVector s41 = start(out, o0 + 4 * STRIP + LENGTH, add);
        for (int i = 0; i < depth * STRIP; i += STRIP) {
            int at = a0 + i * (PANEL / STRIP);
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p0 + i);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p0 + i + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            FloatVector r4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s40 = r4.fma(b0, s40);
            s41 = r4.fma(b1, s41);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s10.intoArray(out, o0 + STRIP);
        s11.intoArray(out, o0 + STRIP + LENGTH);
        s20.intoArray(out, o0 + 2 * STRIP);
        s21.intoArray(out, o0 + 2 * STRIP + LENGTH);
        s30.intoArray(out, o0 + 3 * STRIP);
        s31.intoArray(out, o0 + 3 * STRIP + LENGTH);
        s40.intoArray(out, o0 + 4 * STRIP);
        s41.intoArray(out, o0 + 4 * STRIP + LENGTH);
    }

    private static void rows4x4(float[] a, int a0, int depth, float[] strip, int p0, float[] out, int o0,
                                boolean add) {
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s02 = start(out, o0 + 2 * LENGTH, add);
        FloatVector s03 = start(out, o0 + 3 * LENGTH, add);
        FloatVector s10 = start(out, o0 + STRIP, add);
        FloatVector s11 = start(out, o0 + STRIP + LENGTH, add);
        FloatVector s12 = start(out, o0 + STRIP + 2 * LENGTH, add);
        FloatVector s13 = start(out, o0 + STRIP + 3 * LENGTH, add);
        FloatVector s20 = start(out, o0 + 2 * STRIP, add);
        FloatVector s21 = start(out, o0 + 2 * STRIP + LENGTH, add);
        FloatVector s22 = start(out, o0 + 2 * STRIP + 2 * LENGTH, add);
        FloatVector s23 = start(out, o0 + 2 * STRIP + 3 * LENGTH, add);
        FloatVector s30 = start(out, o0 + 3 * STRIP, add);
        FloatVector s31 = start(out, o0 + 3 * STRIP + LENGTH, add);
        FloatVector s32 = start(out, o0 + 3 * STRIP + 2 * LENGTH, add);
        FloatVector s33 = start(out, o0 + 3 * STRIP + 3 * LENGTH, add);
        for (int i = 0; i < depth * STRIP; i += STRIP) {
            int at = a0 + i * (PANEL / STRIP);
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p0 + i);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p0 + i + LENGTH);
            FloatVector b2 = FloatVector.fromArray(SPECIES, strip, p0 + i + 2 * LENGTH);
            FloatVector b3 = FloatVector.fromArray(SPECIES, strip, p0 + i + 3 * LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            s02 = r0.fma(b2, s02);
            s03 = r0.fma(b3, s03);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            s12 = r1.fma(b2, s12);
            s13 = r1.fma(b3, s13);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            s22 = r2.fma(b2, s22);
            s23 = r2.fma(b3, s23);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            s32 = r3.fma(b2, s32);
            s33 = r3.fma(b3, s33);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s02.intoArray(out, o0 + 2 * LENGTH);
        s03.intoArray(out, o0 + 3 * LENGTH);
        s10.intoArray(out, o0 + STRIP);
        s11.intoArray(out, o0 + STRIP + LENGTH);
        s12.intoArray(out, o0 + STRIP + 2 * LENGTH);
        s13.intoArray(out, o0 + STRIP + 3 * LENGTH);
        s20.intoArray(out, o0 + 2 * STRIP);
        s21.intoArray(out, o0 + 2 * STRIP + LENGTH);
        s22.intoArray(out, o0 + 2 * STRIP + 2 * LENGTH);
        s23.intoArray(out, o0 + 2 * STRIP + 3 * LENGTH);
        s30.intoArray(out, o0 + 3 * STRIP);
        s31.intoArray(out, o0 + 3 * STRIP + LENGTH);
        s32.intoArray(out, o0 + 3 * STRIP + 2 * LENGTH);
        s33.intoArray(out, o0 + 3 * STRIP + 3 * LENGTH);
    }

    private static void rows4x2(float[] a, int a0, int depth, float[] strip, int p0, float[] out, int o0,
                                boolean add) {
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s10 = start(out, o0 + STRIP, add);
        FloatVector s11 = start(out, o0 + STRIP + LENGTH, add);
        FloatVector s20 = start(out, o0 + 2 * STRIP, add);
        FloatVector s21 = start(out, o0 + 2 * STRIP + LENGTH, add);
        FloatVector s30 = start(out, o0 + 3 * STRIP, add);
        FloatVector s31 = start(out, o0 + 3 * STRIP + LENGTH, add);
        for (int i = 0; i < depth * STRIP; i += STRIP) {
            int at = a0 + i * (PANEL / STRIP);
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p0 + i);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p0 + i + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s10.intoArray(out, o0 + STRIP);
        s11.intoArray(out, o0 + STRIP + LENGTH);
        s20.intoArray(out, o0 + 2 * STRIP);
        s21.intoArray(out, o0 + 2 * STRIP + LENGTH);
        s30.intoArray(out, o0 + 3 * STRIP);
        s31.intoArray(out, o0 + 3 * STRIP + LENGTH);
    }

    private static void rows4x1(float[] a, int a0, int depth, float[] strip, int p0, float[] out, int o0,
                                boolean add) {
        FloatVector s0 = start(out, o0, add);
        FloatVector s1 = start(out, o0 + STRIP, add);
        FloatVector s2 = start(out, o0 + 2 * STRIP, add);
        FloatVector s3 = start(out, o0 + 3 * STRIP, add);
        for (int i = 0; i < depth * STRIP; i += STRIP) {
            int at = a0 + i * (PANEL / STRIP);
            FloatVector b = FloatVector.fromArray(SPECIES, strip, p0 + i);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[at]);
            s0 = r0.fma(b, s0);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s1 = r1.fma(b, s1);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s2 = r2.fma(b, s2);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s3 = r3.fma(b, s3);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o0 + STRIP);
        s2.intoArray(out, o0 + 2 * STRIP);
        s3.intoArray(out, o0 + 3 * STRIP);
    }
}
