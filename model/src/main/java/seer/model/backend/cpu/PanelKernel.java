package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;

/// Multiplies rows with a strip: `out[row, lane] = sum over k of a[row, k] * strip[k, lane]`.
///
/// ```text
///                 strip[k, 4 vectors]        per k: 4 loads of strip vectors
///                 [----][----][----][----]          4 broadcasting loads of a
///   a[row + 0, k]   00    01    02    03           16 multiply-adds
///   a[row + 1, k]   10    11    12    13
///   a[row + 2, k]   20    21    22    23     The 16 sums never leave their registers; 8 would already
///   a[row + 3, k]   30    31    32    33     hide a latency of 4 cycles on two units.
/// ```
///
/// With 16 registers the tile is 6 rows x 2 vectors: 12 sums, and 8 loads beside 12 multiply-adds. With 32 there is room
/// for 24 sums: 6 rows x 4 vectors where the strip stays in level 1, and else 12 rows x 2 vectors, which read half as
/// much of it for a multiply-add. The one above serves what rows are left. In all of them the rows of
/// the strip stand a constant apart, so that the compiler checks bounds once, before the loop. Narrower tiles serve
/// small query blocks and what rows are left. The methods are small and static, with vectors in local variables only:
/// so the compiler keeps them out of memory.
final class PanelKernel {
    /// Inputs of a strip that level 1 holds, 32 KiB of them, where a row of it is four lines.
    private static final int SHALLOW = 128;

    private PanelKernel() {
    }

    /// All rows of one strip.
    ///
    /// @param a     `[rows, depth]`, rows `aStride` apart
    /// @param strip `[depth, lanes]`; `lanes` is a multiple of the vector length, at most [Lanes#STRIP]
    /// @param out   `[rows, lanes]`, rows `outStride` apart
    /// @param add   to what is in `out`
    static void multiply(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, int lanes,
                         float[] out, int o0, int outStride, boolean add) {
        multiply(a, a0, aStride, rows, depth, strip, p0, lanes, lanes, out, o0, outStride, add);
    }

    /// The same with a strip whose rows are `stride` apart.
    static void multiply(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, int lanes,
                         int stride, float[] out, int o0, int outStride, boolean add) {
        int done = 0;
        if (lanes == STRIP && GROUP == 2) {
            for (; done + 6 <= rows; done += 6) {
                rows6x2(a, a0 + done * aStride, aStride, depth, strip, p0, out, o0 + done * outStride, outStride, add);
            }
        } else if (lanes == STRIP) {
            done = depth <= SHALLOW ? shallow(a, a0, aStride, rows, depth, strip, p0, out, o0, outStride, add)
                    : deep(a, a0, aStride, rows, depth, strip, p0, out, o0, outStride, add);
            for (; done + 4 <= rows; done += 4) {
                rows4x4(a, a0 + done * aStride, aStride, depth, strip, p0, out, o0 + done * outStride, outStride, add);
            }
        }
        for (int lane = 0; done < rows && lane < lanes; ) {
            boolean two = lane + 2 * LENGTH <= lanes;
            narrow(a, a0, aStride, done, rows, depth, strip, p0 + lane, two, stride, out, o0 + lane, outStride, add);
            lane += two ? 2 * LENGTH : LENGTH;
        }
    }

    /// By sixes.
    ///
    /// @return rows that are done
    private static int shallow(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, float[] out,
                               int o0, int outStride, boolean add) {
        int end = rows / 6 * 6;
        for (int row = 0; row < end; row += 6) {
            rows6x4(a, a0 + row * aStride, aStride, depth, strip, p0, out, o0 + row * outStride, outStride, add);
        }
        return end;
    }

    /// By twelves, half of the strip after the other.
    ///
    /// @return rows that are done
    private static int deep(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, float[] out,
                            int o0, int outStride, boolean add) {
        int end = rows / 12 * 12;
        for (int lane = 0; lane < STRIP; lane += 2 * LENGTH) {
            for (int row = 0; row < end; row += 12) {
                rows12x2(a, a0 + row * aStride, aStride, depth, strip, p0 + lane, out, o0 + row * outStride + lane,
                        outStride, add);
            }
        }
        return end;
    }

    /// One or two vectors of the strip, rows `from .. rows`.
    private static void narrow(float[] a, int a0, int aStride, int from, int rows, int depth, float[] strip, int p0,
                               boolean two, int stride, float[] out, int o0, int outStride, boolean add) {
        int row = from;
        for (; row + 4 <= rows; row += 4) {
            int at = a0 + row * aStride;
            int to = o0 + row * outStride;
            if (two) {
                rows4x2(a, at, aStride, depth, strip, p0, stride, out, to, outStride, add);
            } else {
                rows4x1(a, at, aStride, depth, strip, p0, stride, out, to, outStride, add);
            }
        }
        for (; row < rows; row++) {
            int at = a0 + row * aStride;
            int to = o0 + row * outStride;
            if (two) {
                row1x2(a, at, depth, strip, p0, stride, out, to, add);
            } else {
                row1x1(a, at, depth, strip, p0, stride, out, to, add);
            }
        }
    }

    private static FloatVector start(float[] out, int at, boolean add) {
        return add ? FloatVector.fromArray(SPECIES, out, at) : FloatVector.zero(SPECIES);
    }

    private static void rows4x4(float[] a, int a0, int aStride, int depth, float[] strip, int p0,
                                float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s02 = start(out, o0 + 2 * LENGTH, add);
        FloatVector s03 = start(out, o0 + 3 * LENGTH, add);
        FloatVector s10 = start(out, o1, add);
        FloatVector s11 = start(out, o1 + LENGTH, add);
        FloatVector s12 = start(out, o1 + 2 * LENGTH, add);
        FloatVector s13 = start(out, o1 + 3 * LENGTH, add);
        FloatVector s20 = start(out, o2, add);
        FloatVector s21 = start(out, o2 + LENGTH, add);
        FloatVector s22 = start(out, o2 + 2 * LENGTH, add);
        FloatVector s23 = start(out, o2 + 3 * LENGTH, add);
        FloatVector s30 = start(out, o3, add);
        FloatVector s31 = start(out, o3 + LENGTH, add);
        FloatVector s32 = start(out, o3 + 2 * LENGTH, add);
        FloatVector s33 = start(out, o3 + 3 * LENGTH, add);
        for (int k = 0; k < depth; k++) {
            int p = p0 + k * STRIP;
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector b2 = FloatVector.fromArray(SPECIES, strip, p + 2 * LENGTH);
            FloatVector b3 = FloatVector.fromArray(SPECIES, strip, p + 3 * LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            s02 = r0.fma(b2, s02);
            s03 = r0.fma(b3, s03);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            s12 = r1.fma(b2, s12);
            s13 = r1.fma(b3, s13);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            s22 = r2.fma(b2, s22);
            s23 = r2.fma(b3, s23);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            s32 = r3.fma(b2, s32);
            s33 = r3.fma(b3, s33);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s02.intoArray(out, o0 + 2 * LENGTH);
        s03.intoArray(out, o0 + 3 * LENGTH);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LENGTH);
        s12.intoArray(out, o1 + 2 * LENGTH);
        s13.intoArray(out, o1 + 3 * LENGTH);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LENGTH);
        s22.intoArray(out, o2 + 2 * LENGTH);
        s23.intoArray(out, o2 + 3 * LENGTH);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LENGTH);
        s32.intoArray(out, o3 + 2 * LENGTH);
        s33.intoArray(out, o3 + 3 * LENGTH);
    }

    private static void rows12x2(float[] a, int a0, int aStride, int depth, float[] strip, int p0,
                                 float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int a4 = a3 + aStride;
        int a5 = a4 + aStride;
        int a6 = a5 + aStride;
        int a7 = a6 + aStride;
        int a8 = a7 + aStride;
        int a9 = a8 + aStride;
        int a10 = a9 + aStride;
        int a11 = a10 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        int o6 = o5 + outStride;
        int o7 = o6 + outStride;
        int o8 = o7 + outStride;
        int o9 = o8 + outStride;
        int o10 = o9 + outStride;
        int o11 = o10 + outStride;
        FloatVector s0a = start(out, o0, add);
        FloatVector s0b = start(out, o0 + LENGTH, add);
        FloatVector s1a = start(out, o1, add);
        FloatVector s1b = start(out, o1 + LENGTH, add);
        FloatVector s2a = start(out, o2, add);
        FloatVector s2b = start(out, o2 + LENGTH, add);
        FloatVector s3a = start(out, o3, add);
        FloatVector s3b = start(out, o3 + LENGTH, add);
        FloatVector s4a = start(out, o4, add);
        FloatVector s4b = start(out, o4 + LENGTH, add);
        FloatVector s5a = start(out, o5, add);
        FloatVector s5b = start(out, o5 + LENGTH, add);
        FloatVector s6a = start(out, o6, add);
        FloatVector s6b = start(out, o6 + LENGTH, add);
        FloatVector s7a = start(out, o7, add);
        FloatVector s7b = start(out, o7 + LENGTH, add);
        FloatVector s8a = start(out, o8, add);
        FloatVector s8b = start(out, o8 + LENGTH, add);
        FloatVector s9a = start(out, o9, add);
        FloatVector s9b = start(out, o9 + LENGTH, add);
        FloatVector s10a = start(out, o10, add);
        FloatVector s10b = start(out, o10 + LENGTH, add);
        FloatVector s11a = start(out, o11, add);
        FloatVector s11b = start(out, o11 + LENGTH, add);
        for (int k = 0; k < depth; k++) {
            int p = p0 + k * STRIP;
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0a = r0.fma(b0, s0a);
            s0b = r0.fma(b1, s0b);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s1a = r1.fma(b0, s1a);
            s1b = r1.fma(b1, s1b);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s2a = r2.fma(b0, s2a);
            s2b = r2.fma(b1, s2b);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s3a = r3.fma(b0, s3a);
            s3b = r3.fma(b1, s3b);
            FloatVector r4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s4a = r4.fma(b0, s4a);
            s4b = r4.fma(b1, s4b);
            FloatVector r5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s5a = r5.fma(b0, s5a);
            s5b = r5.fma(b1, s5b);
            FloatVector r6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
            s6a = r6.fma(b0, s6a);
            s6b = r6.fma(b1, s6b);
            FloatVector r7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
            s7a = r7.fma(b0, s7a);
            s7b = r7.fma(b1, s7b);
            FloatVector r8 = FloatVector.broadcast(SPECIES, a[a8 + k]);
            s8a = r8.fma(b0, s8a);
            s8b = r8.fma(b1, s8b);
            FloatVector r9 = FloatVector.broadcast(SPECIES, a[a9 + k]);
            s9a = r9.fma(b0, s9a);
            s9b = r9.fma(b1, s9b);
            FloatVector r10 = FloatVector.broadcast(SPECIES, a[a10 + k]);
            s10a = r10.fma(b0, s10a);
            s10b = r10.fma(b1, s10b);
            FloatVector r11 = FloatVector.broadcast(SPECIES, a[a11 + k]);
            s11a = r11.fma(b0, s11a);
            s11b = r11.fma(b1, s11b);
        }
        s0a.intoArray(out, o0);
        s0b.intoArray(out, o0 + LENGTH);
        s1a.intoArray(out, o1);
        s1b.intoArray(out, o1 + LENGTH);
        s2a.intoArray(out, o2);
        s2b.intoArray(out, o2 + LENGTH);
        s3a.intoArray(out, o3);
        s3b.intoArray(out, o3 + LENGTH);
        s4a.intoArray(out, o4);
        s4b.intoArray(out, o4 + LENGTH);
        s5a.intoArray(out, o5);
        s5b.intoArray(out, o5 + LENGTH);
        s6a.intoArray(out, o6);
        s6b.intoArray(out, o6 + LENGTH);
        s7a.intoArray(out, o7);
        s7b.intoArray(out, o7 + LENGTH);
        s8a.intoArray(out, o8);
        s8b.intoArray(out, o8 + LENGTH);
        s9a.intoArray(out, o9);
        s9b.intoArray(out, o9 + LENGTH);
        s10a.intoArray(out, o10);
        s10b.intoArray(out, o10 + LENGTH);
        s11a.intoArray(out, o11);
        s11b.intoArray(out, o11 + LENGTH);
    }

    private static void rows6x4(float[] a, int a0, int aStride, int depth, float[] strip, int p0,
                                float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int a4 = a3 + aStride;
        int a5 = a4 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s02 = start(out, o0 + 2 * LENGTH, add);
        FloatVector s03 = start(out, o0 + 3 * LENGTH, add);
        FloatVector s10 = start(out, o1, add);
        FloatVector s11 = start(out, o1 + LENGTH, add);
        FloatVector s12 = start(out, o1 + 2 * LENGTH, add);
        FloatVector s13 = start(out, o1 + 3 * LENGTH, add);
        FloatVector s20 = start(out, o2, add);
        FloatVector s21 = start(out, o2 + LENGTH, add);
        FloatVector s22 = start(out, o2 + 2 * LENGTH, add);
        FloatVector s23 = start(out, o2 + 3 * LENGTH, add);
        FloatVector s30 = start(out, o3, add);
        FloatVector s31 = start(out, o3 + LENGTH, add);
        FloatVector s32 = start(out, o3 + 2 * LENGTH, add);
        FloatVector s33 = start(out, o3 + 3 * LENGTH, add);
        FloatVector s40 = start(out, o4, add);
        FloatVector s41 = start(out, o4 + LENGTH, add);
        FloatVector s42 = start(out, o4 + 2 * LENGTH, add);
        FloatVector s43 = start(out, o4 + 3 * LENGTH, add);
        FloatVector s50 = start(out, o5, add);
        FloatVector s51 = start(out, o5 + LENGTH, add);
        FloatVector s52 = start(out, o5 + 2 * LENGTH, add);
        FloatVector s53 = start(out, o5 + 3 * LENGTH, add);
        for (int k = 0; k < depth; k++) {
            int p = p0 + k * STRIP;
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector b2 = FloatVector.fromArray(SPECIES, strip, p + 2 * LENGTH);
            FloatVector b3 = FloatVector.fromArray(SPECIES, strip, p + 3 * LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            s02 = r0.fma(b2, s02);
            s03 = r0.fma(b3, s03);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            s12 = r1.fma(b2, s12);
            s13 = r1.fma(b3, s13);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            s22 = r2.fma(b2, s22);
            s23 = r2.fma(b3, s23);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            s32 = r3.fma(b2, s32);
            s33 = r3.fma(b3, s33);
            FloatVector r4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = r4.fma(b0, s40);
            s41 = r4.fma(b1, s41);
            s42 = r4.fma(b2, s42);
            s43 = r4.fma(b3, s43);
            FloatVector r5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = r5.fma(b0, s50);
            s51 = r5.fma(b1, s51);
            s52 = r5.fma(b2, s52);
            s53 = r5.fma(b3, s53);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s02.intoArray(out, o0 + 2 * LENGTH);
        s03.intoArray(out, o0 + 3 * LENGTH);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LENGTH);
        s12.intoArray(out, o1 + 2 * LENGTH);
        s13.intoArray(out, o1 + 3 * LENGTH);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LENGTH);
        s22.intoArray(out, o2 + 2 * LENGTH);
        s23.intoArray(out, o2 + 3 * LENGTH);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LENGTH);
        s32.intoArray(out, o3 + 2 * LENGTH);
        s33.intoArray(out, o3 + 3 * LENGTH);
        s40.intoArray(out, o4);
        s41.intoArray(out, o4 + LENGTH);
        s42.intoArray(out, o4 + 2 * LENGTH);
        s43.intoArray(out, o4 + 3 * LENGTH);
        s50.intoArray(out, o5);
        s51.intoArray(out, o5 + LENGTH);
        s52.intoArray(out, o5 + 2 * LENGTH);
        s53.intoArray(out, o5 + 3 * LENGTH);
    }

    private static void rows6x2(float[] a, int a0, int aStride, int depth, float[] strip, int p0,
                                float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int a4 = a3 + aStride;
        int a5 = a4 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s10 = start(out, o1, add);
        FloatVector s11 = start(out, o1 + LENGTH, add);
        FloatVector s20 = start(out, o2, add);
        FloatVector s21 = start(out, o2 + LENGTH, add);
        FloatVector s30 = start(out, o3, add);
        FloatVector s31 = start(out, o3 + LENGTH, add);
        FloatVector s40 = start(out, o4, add);
        FloatVector s41 = start(out, o4 + LENGTH, add);
        FloatVector s50 = start(out, o5, add);
        FloatVector s51 = start(out, o5 + LENGTH, add);
        for (int k = 0; k < depth; k++) {
            int p = p0 + k * STRIP;
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
            FloatVector r4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = r4.fma(b0, s40);
            s41 = r4.fma(b1, s41);
            FloatVector r5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = r5.fma(b0, s50);
            s51 = r5.fma(b1, s51);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LENGTH);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LENGTH);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LENGTH);
        s40.intoArray(out, o4);
        s41.intoArray(out, o4 + LENGTH);
        s50.intoArray(out, o5);
        s51.intoArray(out, o5 + LENGTH);
    }

    private static void rows4x2(float[] a, int a0, int aStride, int depth, float[] strip, int p0, int stride,
                                float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s00 = start(out, o0, add);
        FloatVector s01 = start(out, o0 + LENGTH, add);
        FloatVector s10 = start(out, o1, add);
        FloatVector s11 = start(out, o1 + LENGTH, add);
        FloatVector s20 = start(out, o2, add);
        FloatVector s21 = start(out, o2 + LENGTH, add);
        FloatVector s30 = start(out, o3, add);
        FloatVector s31 = start(out, o3 + LENGTH, add);
        for (int k = 0, p = p0; k < depth; k++, p += stride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = r0.fma(b0, s00);
            s01 = r0.fma(b1, s01);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = r1.fma(b0, s10);
            s11 = r1.fma(b1, s11);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = r2.fma(b0, s20);
            s21 = r2.fma(b1, s21);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = r3.fma(b0, s30);
            s31 = r3.fma(b1, s31);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LENGTH);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LENGTH);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LENGTH);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LENGTH);
    }

    private static void rows4x1(float[] a, int a0, int aStride, int depth, float[] strip, int p0, int stride,
                                float[] out, int o0, int outStride, boolean add) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s0 = start(out, o0, add);
        FloatVector s1 = start(out, o1, add);
        FloatVector s2 = start(out, o2, add);
        FloatVector s3 = start(out, o3, add);
        for (int k = 0, p = p0; k < depth; k++, p += stride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0 = r0.fma(b0, s0);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s1 = r1.fma(b0, s1);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s2 = r2.fma(b0, s2);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s3 = r3.fma(b0, s3);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o1);
        s2.intoArray(out, o2);
        s3.intoArray(out, o3);
    }

    private static void row1x2(float[] a, int a0, int depth, float[] strip, int p0, int stride,
                               float[] out, int o0, boolean add) {
        FloatVector s0 = start(out, o0, add);
        FloatVector s1 = start(out, o0 + LENGTH, add);
        for (int k = 0, p = p0; k < depth; k++, p += stride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0 = r0.fma(b0, s0);
            s1 = r0.fma(b1, s1);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o0 + LENGTH);
    }

    private static void row1x1(float[] a, int a0, int depth, float[] strip, int p0, int stride,
                               float[] out, int o0, boolean add) {
        FloatVector s = start(out, o0, add);
        for (int k = 0, p = p0; k < depth; k++, p += stride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s = r0.fma(b0, s);
        }
        s.intoArray(out, o0);
    }
}
