package seer.sim;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels without a mistake.
final class Correct {

    static final int TILE = 4;

    private Correct() {
    }

    static void twice(KernelContext context, FloatArray in, FloatArray out) {
        out.set(context.globalIdx, 2.0f * in.get(context.globalIdx));
    }

    static void copiedBits(KernelContext context, IntArray in, IntArray out) {
        out.set(context.globalIdx, in.get(context.globalIdx));
    }

    /// Writes its outputs in a helper, and the second one seldom.
    static void divided(KernelContext context, FloatArray whole, FloatArray rest, FloatArray in) {
        int i = context.globalIdx;
        float value = in.get(i);
        put(whole, i, value > 2 ? (int) value : value < 0 ? -(float) (int) -value : value > 1 ? 1.0f : 0);
        if (in.getSize() > 1_000_000) {
            rest.set(i > 7 ? i - 7 : i, value > 1 ? value - (int) value : in.get(0));
        }
    }

    private static void put(FloatArray array, int i, float value) {
        array.set(i, value);
    }

    static void twiceInALoop(FloatArray in, FloatArray out) {
        for (@Parallel int i = 0; i < in.getSize(); i++) {
            out.set(i, 2.0f * in.get(i));
        }
    }

    /// What a helper may do: several returns outside loops, a break inside one, a private array.
    static void helped(KernelContext context, FloatArray in, FloatArray out) {
        float[] pair = new float[2];
        pair[0] = in.get(context.globalIdx);
        pair[1] = magnitude(1.0f - pair[0]);
        out.set(context.globalIdx, sumOf(pair) + firstAbove(in, 2.0f));
    }

    private static float magnitude(float x) {
        if (x < 0) {
            return -x;
        }
        return x;
    }

    private static float sumOf(float[] pair) {
        return pair[0] + pair[1];
    }

    private static int firstAbove(FloatArray in, float limit) {
        int found = in.getSize();
        for (int i = 0; i < in.getSize(); i++) {
            if (in.get(i) > limit) {
                found = i;
                break;
            }
        }
        return found;
    }

    /// Sum of 8 elements per group, in a tree.
    static void sum(KernelContext context, FloatArray in, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        tile[i] = in.get(context.globalIdx);
        context.localBarrier();
        for (int half = 4; half > 0; half /= 2) {
            if (i < half) {
                tile[i] = tile[i] + tile[i + half];
            }
            context.localBarrier();
        }
        if (i == 0) {
            out.set(context.groupIdx, tile[0]);
        }
    }

    /// Each item sums its own four elements, each group mirrors the sums through global memory: everything that has
    /// to be cleared or put in order, and a barrier of either kind.
    static void mirroredSums(KernelContext context, FloatArray in, FloatArray scratch, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        float[] sums = new float[2];
        for (int s = 0; s < 2; s++) {
            sums[s] = 0.0f;
        }
        for (int e = 0; e < 4; e++) {
            sums[e % 2] = sums[e % 2] + in.get(context.globalIdx * 4 + e);
        }
        tile[i] = sums[0] + sums[1];
        context.localBarrier();
        scratch.set(context.groupIdx * 8 + i, tile[7 - i]);
        context.globalBarrier();
        out.set(context.globalIdx, scratch.get(context.groupIdx * 8 + 7 - i));
    }

    /// `c[m, n] = a[m, k] b[k, n]`, all multiples of the tile's side; x runs over columns.
    static void matmul(KernelContext context, FloatArray a, FloatArray b, FloatArray c, int n,
            int k) {
        int x = context.localIdx;
        int y = context.localIdy;
        float[] left = context.allocateFloatLocalArray(TILE * TILE);
        float[] right = context.allocateFloatLocalArray(TILE * TILE);
        float sum = 0.0f;
        for (int from = 0; from < k; from += TILE) {
            left[y * TILE + x] = a.get(context.globalIdy * k + from + x);
            right[y * TILE + x] = b.get((from + y) * n + context.globalIdx);
            context.localBarrier();
            for (int i = 0; i < TILE; i++) {
                sum += left[y * TILE + i] * right[i * TILE + x];
            }
            context.localBarrier();
        }
        c.set(context.globalIdy * n + context.globalIdx, sum);
    }

    /// How often each of 4 values occurs.
    static void histogram(KernelContext context, IntArray in, IntArray counts) {
        context.atomicAdd(counts, in.get(context.globalIdx), 1);
    }

    /// `d[16, 8] = a[16, 32] b[32, 8]` by one warp, operands packed two to an int beforehand.
    static void fragments(KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray d) {
        int[] left = context.allocateIntLocalArray(256);
        int[] right = context.allocateIntLocalArray(128);
        for (int i = context.localIdx; i < 256; i += 32) {
            context.asyncCopyToLocal(left, i, a, 2 * i);
        }
        for (int i = context.localIdx; i < 128; i += 32) {
            context.asyncCopyToLocal(right, i, b, 2 * i);
        }
        context.asyncCopyCommit();
        context.asyncCopyWaitGroup(0);
        context.localBarrier();
        float[] sum = context.mmaFragment(0.5f);
        for (int step = 0; step < 2; step++) {
            HalfFloat[] x = context.mmaLoadA(left, 16, 512 * step);
            HalfFloat[] y = context.mmaLoadB(right, 16, 256 * step);
            sum = context.mma(x, y, sum, MMAShape.M16N8K16);
        }
        context.mmaStore(sum, d, 0, 0, 8);
    }

    /// The same with bfloat16 bits in the same arrays.
    static void bfloatFragments(KernelContext context, HalfFloatArray a, HalfFloatArray b,
            FloatArray d) {
        int[] left = context.allocateIntLocalArray(256);
        int[] right = context.allocateIntLocalArray(128);
        for (int i = context.localIdx; i < 256; i += 32) {
            context.asyncCopyToLocal(left, i, a, 2 * i);
        }
        for (int i = context.localIdx; i < 128; i += 32) {
            context.asyncCopyToLocal(right, i, b, 2 * i);
        }
        context.asyncCopyCommit();
        context.asyncCopyWaitGroup(0);
        context.localBarrier();
        float[] sum = context.mmaFragment(0.5f);
        for (int step = 0; step < 2; step++) {
            HalfFloat[] x = context.mmaLoadA(left, 16, 512 * step);
            HalfFloat[] y = context.mmaLoadB(right, 16, 256 * step);
            sum = context.mmaBF16(x, y, sum, MMAShape.M16N8K16);
        }
        context.mmaStore(sum, d, 0, 0, 8);
    }
}
