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
/// With 16 registers the tile is 6 rows x 2 vectors: 12 sums, and 8 loads beside 12 multiply-adds. In both the rows of
/// the strip stand a constant apart, so that the compiler checks bounds once, before the loop. Narrower tiles serve
/// small query blocks and what rows are left. The methods are small and static, with vectors in local variables only:
/// so the compiler keeps them out of memory.
final class PanelKernel {
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
        int done = 0;
        if (lanes == STRIP && GROUP == 2) {
            for (; done + 6 <= rows; done += 6) {
                rows6x2(a, a0 + done * aStride, aStride, depth, strip, p0, out, o0 + done * outStride, outStride, add);
            }
        } else if (lanes == STRIP) {
            for (; done + 4 <= rows; done += 4) {
                rows4x4(a, a0 + done * aStride, aStride, depth, strip, p0, out, o0 + done * outStride, outStride, add);
            }
        }
        int lane = 0;
        while (done < rows && lane < lanes) {
            boolean two = lane + 2 * LENGTH <= lanes;
            int row = done;
            for (; row + 4 <= rows; row += 4) {
                int at = a0 + row * aStride;
                int to = o0 + row * outStride + lane;
                if (two) {
                    rows4x2(a, at, aStride, depth, strip, p0 + lane, lanes, out, to, outStride, add);
                } else {
                    rows4x1(a, at, aStride, depth, strip, p0 + lane, lanes, out, to, outStride, add);
                }
            }
            for (; row < rows; row++) {
                int at = a0 + row * aStride;
                int to = o0 + row * outStride + lane;
                if (two) {
                    row1x2(a, at, depth, strip, p0 + lane, lanes, out, to, add);
                } else {
                    row1x1(a, at, depth, strip, p0 + lane, lanes, out, to, add);
                }
            }
            lane += two ? 2 * LENGTH : LENGTH;
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
