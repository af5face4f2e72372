package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;

/// Multiplies rows with a strip: `out[row, lane] = sum over k of a[row, k] * strip[k, lane]`.
///
/// ```text
///                 strip[k, 2 vectors]      per k: 2 loads of strip vectors
///                 [----][----]                    6 broadcasting loads of a
///   a[row + 0, k]   00    01                     12 multiply-adds
///   a[row + 1, k]   10    11
///   ..              ..    ..               The 12 sums never leave their registers; 8 would already
///   a[row + 5, k]   50    51               hide a latency of 4 cycles on two units.
/// ```
///
/// With 32 registers tiles are larger ([WidePanelKernel]). The rows of the strip stand a constant apart, so that the
/// compiler checks bounds once, before the loop. Narrower tiles serve small query blocks and what rows are left. The
/// methods are small and static, with vectors in local variables only: so the compiler keeps them out of memory.
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
            done = WidePanelKernel.multiply(a, a0, aStride, rows, depth, strip, p0, out, o0, outStride, add);
        }
        for (int lane = 0; done < rows && lane < lanes; ) {
            boolean two = lane + 2 * LENGTH <= lanes;
            narrow(a, a0, aStride, done, rows, depth, strip, p0 + lane, two, stride, out, o0 + lane, outStride, add);
            lane += two ? 2 * LENGTH : LENGTH;
        }
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
