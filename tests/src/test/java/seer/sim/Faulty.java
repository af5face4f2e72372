package seer.sim;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels with one mistake each; groups have 8 items unless a test says otherwise.
final class Faulty {

    private Faulty() {
    }

    static void someItemsSkipTheBarrier(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        if (i < 5) {
            context.localBarrier();
        }
        out.set(context.globalIdx, i);
    }

    static void itemsWaitAtTwoBarriers(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        if (i < 5) {
            context.localBarrier();
            out.set(context.globalIdx, i);
        } else {
            context.localBarrier();
            out.set(context.globalIdx, -i);
        }
    }

    static void readsPastTheEnd(KernelContext context, FloatArray in, FloatArray out) {
        out.set(context.globalIdx, in.get(context.globalIdx + 1));
    }

    static void writesBeforeTheStart(KernelContext context, FloatArray out) {
        out.set(context.globalIdx - 1, 1.0f);
    }

    static void leavesTheLocalArray(KernelContext context, FloatArray out) {
        float[] tile = context.allocateFloatLocalArray(8);
        tile[context.localIdx + 1] = 1.0f;
        out.set(context.globalIdx, 0.0f);
    }

    static void readsUnwrittenLocal(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        if (i < 7) {
            tile[i] = i;
        }
        context.localBarrier();
        out.set(context.globalIdx, tile[i]);
    }

    static void readsTheNeighbourTooEarly(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        tile[i] = i;
        out.set(context.globalIdx, tile[7 - i]);
    }

    static void overwritesWhatOthersStillRead(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        tile[i] = i;
        context.localBarrier();
        float neighbour = tile[7 - i];
        tile[i] = 2.0f * i;
        out.set(context.globalIdx, neighbour);
    }

    static void allWriteOneLocalElement(KernelContext context, FloatArray out) {
        float[] tile = context.allocateFloatLocalArray(8);
        tile[3] = context.localIdx;
        context.localBarrier();
        out.set(context.globalIdx, tile[3]);
    }

    static void exchangesThroughGlobalMemory(KernelContext context, FloatArray scratch,
            FloatArray out) {
        int base = context.groupIdx * 8;
        scratch.set(base + context.localIdx, context.localIdx);
        out.set(context.globalIdx, scratch.get(base + 7 - context.localIdx));
    }

    static void ordersLocalMemoryByAGlobalBarrier(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        tile[i] = i;
        context.globalBarrier();
        out.set(context.globalIdx, tile[7 - i]);
    }

    /// What one item reads, another one overwrites, with only the other memory in order between.
    static void overwritesLocalMemoryBehindAGlobalBarrier(KernelContext context, FloatArray out) {
        int i = context.localIdx;
        float[] tile = context.allocateFloatLocalArray(8);
        tile[i] = i;
        context.localBarrier();
        float neighbour = tile[7 - i];
        context.globalBarrier();
        neighbour = neighbour + tile[i];
        tile[i] = neighbour;
        out.set(context.globalIdx, neighbour);
    }

    static void ordersGlobalMemoryByALocalBarrier(KernelContext context, FloatArray scratch,
            FloatArray out) {
        int base = context.groupIdx * 8;
        scratch.set(base + context.localIdx, context.localIdx);
        context.localBarrier();
        out.set(context.globalIdx, scratch.get(base + 7 - context.localIdx));
    }

    /// Elements 0 to 7 are read by all groups, and at the end the last group writes them.
    static void writesWhatEarlierGroupsRead(KernelContext context, FloatArray shared, FloatArray out) {
        int i = context.localIdx;
        float value = shared.get(i);
        if (context.groupIdx == 1) {
            shared.set(i, value + 1.0f);
        }
        out.set(context.globalIdx, value);
    }

    /// Every group counts on one element and then looks at what there is.
    static void looksAtACounterOfAllGroups(KernelContext context, IntArray counter, IntArray out) {
        context.atomicAdd(counter, 0, 1);
        context.globalBarrier();
        out.set(context.globalIdx, counter.get(0));
    }

    static void looksAtACounterBeforeItsTurn(KernelContext context, IntArray counter, IntArray out) {
        if (context.groupIdx == 0) {
            out.set(context.globalIdx, counter.get(0));
        } else {
            context.atomicAdd(counter, 0, 1);
        }
    }

    static void addsToAnUnclearedPrivateArray(KernelContext context, FloatArray in, FloatArray out) {
        float[] sums = new float[4];
        sums[2] = 0.0f;
        for (int i = 3; i > 0; i--) {
            sums[i] = sums[i] + in.get(context.globalIdx);
        }
        out.set(context.globalIdx, sums[3]);
    }

    static void readsAnUnclearedPrivateCount(KernelContext context, FloatArray out) {
        int[] counts = new int[2];
        counts[1] = 1;
        out.set(context.globalIdx, counts[context.localIdx / 4 * -1 + 1]);
    }

    static void readsUnclearedPrivateBytes(KernelContext context, FloatArray out) {
        byte[] signs = new byte[256];
        for (int i = 0; i < 256; i++) {
            signs[i] = (byte) i;
        }
        float sum = 0.0f;
        for (int i = 0; i < 256; i++) {
            sum = sum + signs[i];
        }
        boolean[] seen = new boolean[2];
        seen[0] = true;
        out.set(context.globalIdx, seen[0] && seen[1] ? sum : 0.0f);
    }

    static void allGroupsWriteTheSame(KernelContext context, FloatArray out) {
        out.set(context.localIdx, context.groupIdx);
    }

    static void readsTheOtherGroupsOutput(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, 1.0f);
        context.globalBarrier();
        if (context.groupIdx == 1) {
            out.set(context.globalIdx, out.get(context.localIdx));
        }
    }

    static void readsAnUntouchedOutput(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, out.get(context.globalIdx) + 1.0f);
    }

    static void lastItemWins(KernelContext context, FloatArray in, FloatArray out) {
        float[] tile = context.allocateFloatLocalArray(8);
        tile[context.localIdx] = in.get(context.globalIdx);
        float sum = 0;
        for (int i = 0; i < 8; i++) {
            sum += tile[i];
        }
        out.set(context.globalIdx, sum);
    }

    static void allocatesUnequally(KernelContext context, FloatArray out) {
        float[] tile;
        if (context.localIdx < 4) {
            tile = context.allocateFloatLocalArray(8);
        } else {
            tile = context.allocateFloatLocalArray(16);
        }
        tile[context.localIdx] = 1.0f;
        out.set(context.globalIdx, tile[context.localIdx]);
    }

    static void allocatesTooMuch(KernelContext context, FloatArray out) {
        double[] tile = context.allocateDoubleLocalArray(7000);
        tile[context.localIdx] = 1.0;
        out.set(context.globalIdx, (float) tile[context.localIdx]);
    }

    static void dividesByZero(KernelContext context, IntArray in, IntArray out) {
        out.set(context.globalIdx, 12 / in.get(context.globalIdx));
    }

    static void looksIntoAFragment(KernelContext context, FloatArray out) {
        float[] sum = context.mmaFragment(1.0f);
        out.set(context.globalIdx, sum[0]);
    }

    static void doesNotWaitForItsCopy(KernelContext context,
            HalfFloatArray in, IntArray out) {
        int[] tile = context.allocateIntLocalArray(8);
        context.asyncCopyToLocal(tile, context.localIdx, in, 2 * context.localIdx);
        context.asyncCopyCommit();
        context.localBarrier();
        out.set(context.globalIdx, tile[context.localIdx]);
    }

    static void lanesLoadDifferentFragments(KernelContext context, FloatArray out) {
        int lane = context.localIdx;
        int[] tile = context.allocateIntLocalArray(256);
        for (int i = lane; i < 256; i += 32) {
            tile[i] = 0;
        }
        context.localBarrier();
        HalfFloat[] a = context.mmaLoadA(tile, 16, lane < 16 ? 0 : 512);
        HalfFloat[] b = context.mmaLoadB(tile, 16);
        float[] d = context.mma(a, b, context.mmaFragment(0.0f), MMAShape.M16N8K16);
        context.mmaStore(d, out, 0, 0, 8);
    }

    static void passesALocalArray(KernelContext context, FloatArray out) {
        float[] tile = context.allocateFloatLocalArray(8);
        tile[context.localIdx] = 1.0f;
        context.localBarrier();
        out.set(context.globalIdx, first(tile));
    }

    private static float first(float[] values) {
        return values[0];
    }

    static void returnsFromALoop(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, firstMultiple(context.localIdx));
    }

    private static int firstMultiple(int of) {
        for (int i = 1; i < 10; i++) {
            if (i % 3 == of) {
                return i;
            }
        }
        return 0;
    }

    static void fusesMultiplyAndAdd(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, Math.fma(2.0f, context.localIdx, 1.0f));
    }

    static void allocatesByComputation(KernelContext context, FloatArray out) {
        float[] tile = context.allocateFloatLocalArray(context.localGroupSizeX + 1);
        tile[context.localIdx] = 1.0f;
        out.set(context.globalIdx, tile[context.localIdx]);
    }

    static void throwsAnException(KernelContext context, FloatArray out) {
        if (context.globalIdx > 1000) {
            throw new IllegalStateException();
        }
        out.set(context.globalIdx, 1.0f);
    }

    static void pow(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, 1.0f);
    }
}
