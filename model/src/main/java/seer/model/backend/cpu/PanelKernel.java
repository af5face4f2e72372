package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Multiplies rows with a panel: `out[row, lane] = sum over k of a[row, k] * panel[k, lane]`.
///
/// ```text
///                 panel[k, 4 vectors]        per k: 4 loads of panel vectors
///                 [----][----][----][----]          4 broadcasting loads of a
///   a[row + 0, k]   00    01    02    03           16 multiply-adds
///   a[row + 1, k]   10    11    12    13
///   a[row + 2, k]   20    21    22    23     The 16 sums never leave their registers; 8 would already
///   a[row + 3, k]   30    31    32    33     hide a latency of 4 cycles on two units.
/// ```
///
/// Narrower tiles of 2 and 1 vectors serve small query blocks and machines with 16 registers. The methods
/// are small and static, with vectors in local variables only: so the compiler keeps them out of memory.
final class PanelKernel {
    private PanelKernel() {
    }

    /// All rows and lanes.
    ///
    /// @param a         `[rows, depth]`, rows `aStride` apart
    /// @param panel     `[depth, lanes]`, rows `panelStride` apart; `lanes` is a multiple of the vector length
    /// @param out       `[rows, lanes]`, rows `outStride` apart
    static void multiply(float[] a, int a0, int aStride, int rows, int depth,
                         float[] panel, int p0, int panelStride, int lanes,
                         float[] out, int o0, int outStride) {
        int lane = 0;
        while (lane < lanes) {
            int vectors = Math.min(GROUP, (lanes - lane) / LENGTH);
            int row = 0;
            if (vectors == 4) {
                for (; row + 4 <= rows; row += 4) {
                    rows4x4(a, a0 + row * aStride, aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane, outStride);
                }
                for (; row < rows; row++) {
                    row1x4(a, a0 + row * aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane);
                }
                lane += 4 * LENGTH;
            } else if (vectors >= 2) {
                for (; row + 4 <= rows; row += 4) {
                    rows4x2(a, a0 + row * aStride, aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane, outStride);
                }
                for (; row < rows; row++) {
                    row1x2(a, a0 + row * aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane);
                }
                lane += 2 * LENGTH;
            } else {
                for (; row + 4 <= rows; row += 4) {
                    rows4x1(a, a0 + row * aStride, aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane, outStride);
                }
                for (; row < rows; row++) {
                    row1x1(a, a0 + row * aStride, depth, panel, p0 + lane, panelStride,
                            out, o0 + row * outStride + lane);
                }
                lane += LENGTH;
            }
        }
    }

    private static void rows4x4(float[] a, int a0, int aStride, int depth, float[] panel, int p0,
                                int panelStride, float[] out, int o0, int outStride) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s23 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        FloatVector s33 = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, panel, p + LENGTH);
            FloatVector b2 = FloatVector.fromArray(SPECIES, panel, p + 2 * LENGTH);
            FloatVector b3 = FloatVector.fromArray(SPECIES, panel, p + 3 * LENGTH);
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

    private static void rows4x2(float[] a, int a0, int aStride, int depth, float[] panel, int p0,
                                int panelStride, float[] out, int o0, int outStride) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, panel, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, panel, p + LENGTH);
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

    private static void rows4x1(float[] a, int a0, int aStride, int depth, float[] panel, int p0,
                                int panelStride, float[] out, int o0, int outStride) {
        int a1 = a0 + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            FloatVector b = FloatVector.fromArray(SPECIES, panel, p);
            s0 = FloatVector.broadcast(SPECIES, a[a0 + k]).fma(b, s0);
            s1 = FloatVector.broadcast(SPECIES, a[a1 + k]).fma(b, s1);
            s2 = FloatVector.broadcast(SPECIES, a[a2 + k]).fma(b, s2);
            s3 = FloatVector.broadcast(SPECIES, a[a3 + k]).fma(b, s3);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o1);
        s2.intoArray(out, o2);
        s3.intoArray(out, o3);
    }

    private static void row1x4(float[] a, int a0, int depth, float[] panel, int p0, int panelStride,
                               float[] out, int o0) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            FloatVector r = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0 = r.fma(FloatVector.fromArray(SPECIES, panel, p), s0);
            s1 = r.fma(FloatVector.fromArray(SPECIES, panel, p + LENGTH), s1);
            s2 = r.fma(FloatVector.fromArray(SPECIES, panel, p + 2 * LENGTH), s2);
            s3 = r.fma(FloatVector.fromArray(SPECIES, panel, p + 3 * LENGTH), s3);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o0 + LENGTH);
        s2.intoArray(out, o0 + 2 * LENGTH);
        s3.intoArray(out, o0 + 3 * LENGTH);
    }

    private static void row1x2(float[] a, int a0, int depth, float[] panel, int p0, int panelStride,
                               float[] out, int o0) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            FloatVector r = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0 = r.fma(FloatVector.fromArray(SPECIES, panel, p), s0);
            s1 = r.fma(FloatVector.fromArray(SPECIES, panel, p + LENGTH), s1);
        }
        s0.intoArray(out, o0);
        s1.intoArray(out, o0 + LENGTH);
    }

    private static void row1x1(float[] a, int a0, int depth, float[] panel, int p0, int panelStride,
                               float[] out, int o0) {
        FloatVector s = FloatVector.zero(SPECIES);
        for (int k = 0, p = p0; k < depth; k++, p += panelStride) {
            s = FloatVector.broadcast(SPECIES, a[a0 + k]).fma(FloatVector.fromArray(SPECIES, panel, p), s);
        }
        s.intoArray(out, o0);
    }
}
