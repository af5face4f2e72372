package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;

/// What [PanelKernel] does, with 32 registers: whole strips of 4 vectors.
///
/// ```text
///   tile      sums   strip vectors and rows, per k   bytes of the strip, of 512-bit vectors, per multiply-add
///   6 x 4     24     4 + 6                           10.7
///   12 x 2    24     2 + 12                           5.3
///   4 x 4     16     4 + 4                           16
/// ```
///
/// Level 2 gives half a line or less in a cycle, in which there are two multiply-adds: 4 x 4 waits for it, 6 x 4 now
/// and then, 12 x 2 does not. Where the strip stays in level 1, 6 x 4 is the fastest, as it has the fewest loads. 4 x 4
/// serves what rows are left.
final class WidePanelKernel {
    /// Inputs of a strip that level 1 holds, 32 KiB of them, where a row of it is four lines.
    private static final int SHALLOW = 128;

    private WidePanelKernel() {
    }

    /// Parameters as for [PanelKernel#multiply].
    ///
    /// @return how many rows are done: all but three at most
    static int multiply(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, float[] out,
                        int o0, int outStride, boolean add) {
        int done = depth <= SHALLOW ? bySixes(a, a0, aStride, rows, depth, strip, p0, out, o0, outStride, add)
                : byTwelves(a, a0, aStride, rows, depth, strip, p0, out, o0, outStride, add);
        for (; done + 4 <= rows; done += 4) {
            rows4x4(a, a0 + done * aStride, aStride, depth, strip, p0, out, o0 + done * outStride, outStride, add);
        }
        return done;
    }

    private static int bySixes(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0, float[] out,
                               int o0, int outStride, boolean add) {
        int end = rows / 6 * 6;
        for (int row = 0; row < end; row += 6) {
            rows6x4(a, a0 + row * aStride, aStride, depth, strip, p0, out, o0 + row * outStride, outStride, add);
        }
        return end;
    }

    private static int byTwelves(float[] a, int a0, int aStride, int rows, int depth, float[] strip, int p0,
                                 float[] out, int o0, int outStride, boolean add) {
        int end = rows / 12 * 12;
        for (int lane = 0; lane < STRIP; lane += 2 * LENGTH) {
            for (int row = 0; row < end; row += 12) {
                rows12x2(a, a0 + row * aStride, aStride, depth, strip, p0 + lane, out, o0 + row * outStride + lane,
                        outStride, add);
            }
        }
        return end;
    }

    private static FloatVector start(float[] out, int at, boolean add) {
        return add ? FloatVector.fromArray(SPECIES, out, at) : FloatVector.zero(SPECIES);
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

    private static void rows12x2(float[] a, int a0, int aStride, int depth, float[] strip, int p0,
                                 float[] out, int o0, int outStride, boolean add) {
        FloatVector s0a = start(out, o0, add);
        FloatVector s0b = start(out, o0 + LENGTH, add);
        FloatVector s1a = start(out, o0 + outStride, add);
        FloatVector s1b = start(out, o0 + outStride + LENGTH, add);
        FloatVector s2a = start(out, o0 + 2 * outStride, add);
        FloatVector s2b = start(out, o0 + 2 * outStride + LENGTH, add);
        FloatVector s3a = start(out, o0 + 3 * outStride, add);
        FloatVector s3b = start(out, o0 + 3 * outStride + LENGTH, add);
        FloatVector s4a = start(out, o0 + 4 * outStride, add);
        FloatVector s4b = start(out, o0 + 4 * outStride + LENGTH, add);
        FloatVector s5a = start(out, o0 + 5 * outStride, add);
        FloatVector s5b = start(out, o0 + 5 * outStride + LENGTH, add);
        FloatVector s6a = start(out, o0 + 6 * outStride, add);
        FloatVector s6b = start(out, o0 + 6 * outStride + LENGTH, add);
        FloatVector s7a = start(out, o0 + 7 * outStride, add);
        FloatVector s7b = start(out, o0 + 7 * outStride + LENGTH, add);
        FloatVector s8a = start(out, o0 + 8 * outStride, add);
        FloatVector s8b = start(out, o0 + 8 * outStride + LENGTH, add);
        FloatVector s9a = start(out, o0 + 9 * outStride, add);
        FloatVector s9b = start(out, o0 + 9 * outStride + LENGTH, add);
        FloatVector s10a = start(out, o0 + 10 * outStride, add);
        FloatVector s10b = start(out, o0 + 10 * outStride + LENGTH, add);
        FloatVector s11a = start(out, o0 + 11 * outStride, add);
        FloatVector s11b = start(out, o0 + 11 * outStride + LENGTH, add);
        for (int k = 0; k < depth; k++) {
            int p = p0 + k * STRIP;
            FloatVector b0 = FloatVector.fromArray(SPECIES, strip, p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, strip, p + LENGTH);
            FloatVector r0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s0a = r0.fma(b0, s0a);
            s0b = r0.fma(b1, s0b);
            FloatVector r1 = FloatVector.broadcast(SPECIES, a[a0 + aStride + k]);
            s1a = r1.fma(b0, s1a);
            s1b = r1.fma(b1, s1b);
            FloatVector r2 = FloatVector.broadcast(SPECIES, a[a0 + 2 * aStride + k]);
            s2a = r2.fma(b0, s2a);
            s2b = r2.fma(b1, s2b);
            FloatVector r3 = FloatVector.broadcast(SPECIES, a[a0 + 3 * aStride + k]);
            s3a = r3.fma(b0, s3a);
            s3b = r3.fma(b1, s3b);
            FloatVector r4 = FloatVector.broadcast(SPECIES, a[a0 + 4 * aStride + k]);
            s4a = r4.fma(b0, s4a);
            s4b = r4.fma(b1, s4b);
            FloatVector r5 = FloatVector.broadcast(SPECIES, a[a0 + 5 * aStride + k]);
            s5a = r5.fma(b0, s5a);
            s5b = r5.fma(b1, s5b);
            FloatVector r6 = FloatVector.broadcast(SPECIES, a[a0 + 6 * aStride + k]);
            s6a = r6.fma(b0, s6a);
            s6b = r6.fma(b1, s6b);
            FloatVector r7 = FloatVector.broadcast(SPECIES, a[a0 + 7 * aStride + k]);
            s7a = r7.fma(b0, s7a);
            s7b = r7.fma(b1, s7b);
            FloatVector r8 = FloatVector.broadcast(SPECIES, a[a0 + 8 * aStride + k]);
            s8a = r8.fma(b0, s8a);
            s8b = r8.fma(b1, s8b);
            FloatVector r9 = FloatVector.broadcast(SPECIES, a[a0 + 9 * aStride + k]);
            s9a = r9.fma(b0, s9a);
            s9b = r9.fma(b1, s9b);
            FloatVector r10 = FloatVector.broadcast(SPECIES, a[a0 + 10 * aStride + k]);
            s10a = r10.fma(b0, s10a);
            s10b = r10.fma(b1, s10b);
            FloatVector r11 = FloatVector.broadcast(SPECIES, a[a0 + 11 * aStride + k]);
            s11a = r11.fma(b0, s11a);
            s11b = r11.fma(b1, s11b);
        }
        s0a.intoArray(out, o0);
        s0b.intoArray(out, o0 + LENGTH);
        s1a.intoArray(out, o0 + outStride);
        s1b.intoArray(out, o0 + outStride + LENGTH);
        s2a.intoArray(out, o0 + 2 * outStride);
        s2b.intoArray(out, o0 + 2 * outStride + LENGTH);
        s3a.intoArray(out, o0 + 3 * outStride);
        s3b.intoArray(out, o0 + 3 * outStride + LENGTH);
        s4a.intoArray(out, o0 + 4 * outStride);
        s4b.intoArray(out, o0 + 4 * outStride + LENGTH);
        s5a.intoArray(out, o0 + 5 * outStride);
        s5b.intoArray(out, o0 + 5 * outStride + LENGTH);
        s6a.intoArray(out, o0 + 6 * outStride);
        s6b.intoArray(out, o0 + 6 * outStride + LENGTH);
        s7a.intoArray(out, o0 + 7 * outStride);
        s7b.intoArray(out, o0 + 7 * outStride + LENGTH);
        s8a.intoArray(out, o0 + 8 * outStride);
        s8b.intoArray(out, o0 + 8 * outStride + LENGTH);
        s9a.intoArray(out, o0 + 9 * outStride);
        s9b.intoArray(out, o0 + 9 * outStride + LENGTH);
        s10a.intoArray(out, o0 + 10 * outStride);
        s10b.intoArray(out, o0 + 10 * outStride + LENGTH);
        s11a.intoArray(out, o0 + 11 * outStride);
        s11b.intoArray(out, o0 + 11 * outStride + LENGTH);
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
}
