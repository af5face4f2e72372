package seer.sim;

import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.Occupancy;
import seer.warp.Quad;
import seer.warp.Warp;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels with operations of a warp and one mistake each, for groups of 128 items; [CorrectWarps] has them
/// right.
final class FaultyWarps {

    /// Ints of a tile, and where a barrier stands behind four of them.
    static final int TILE = 2048;
    static final int BAR = 4 * TILE;

    private FaultyWarps() {
    }

    static void aLaneMissesAnExchange(KernelContext context, IntArray in, IntArray out) {
        int item = context.localIdx;
        int value = item;
        if (item != 37) {
            value = Warp.exchangeInt(value, 1);
        }
        out.set(item, value);
    }

    static void lanesTakeDifferentBranches(KernelContext context, IntArray in, IntArray out) {
        int item = context.localIdx;
        int value;
        if (item % 32 < 16) {
            value = Warp.exchangeInt(item, 1);
        } else {
            value = Warp.exchangeInt(item, 2);
        }
        out.set(item, value);
    }

    static void someLanesWaitAtABarrierFirst(KernelContext context, IntArray in, IntArray out) {
        int item = context.localIdx;
        int value = item;
        if (item % 32 < 16) {
            value = Warp.exchangeInt(item, 1);
            context.localBarrier();
        } else {
            context.localBarrier();
            value = Warp.exchangeInt(item, 1);
        }
        out.set(item, value);
    }

    static void aWarpMissesAStepOfFour(KernelContext context, IntArray in, IntArray out) {
        int item = context.localIdx;
        if (item < 96) {
            WarpGroup.open();
        }
        out.set(item, item);
    }

    static void readsItsCopyTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.commit();
        AsyncCopy.await(1);
        out.set(item, local[item * 4]);
        AsyncCopy.await(0);
    }

    static void doesNotCloseTheBatch(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.await(0);
        out.set(item, local[item * 4]);
    }

    static void readsAnothersCopyWithoutABarrier(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.commit();
        AsyncCopy.await(0);
        out.set(item, Warp.exchangeInt(item, 1));
        out.set(item, local[(item ^ 1) * 4]);
    }

    static void endsBeforeItsCopy(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.commit();
        out.set(item, item);
    }

    /// Item 0 asks for two tiles, and all know that it has: right as far as it goes.
    static void bring(KernelContext context, int[] local, IntArray in) {
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 1);
        }
        context.localBarrier();
        if (item == 0) {
            BulkCopy.expect(local, BAR, 8 * TILE);
            BulkCopy.copy(local, BAR, 0, in, 0, 8 * TILE);
        }
        context.localBarrier();
    }

    static void readsATileTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        out.set(context.localIdx, local[context.localIdx]);
    }

    static void onlyOneItemWaits(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        if (context.localIdx == 0) {
            BulkCopy.await(local, BAR, 0);
        }
        out.set(context.localIdx, local[context.localIdx]);
    }

    static void loadsATileTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        int[] a = new int[4];
        Warp.load4(local, context.localIdx * 4, a, 0);
        BulkCopy.await(local, BAR, 0);
        out.set(context.localIdx, a[0]);
    }

    static void nobodyWaitsForTheTile(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        out.set(context.localIdx, 0);
    }

    static void copiesOverWhatWasNotPublished(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        local[item] = item;
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        out.set(item, local[item]);
    }

    static void copiesBeforeAllHaveRead(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 4);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR + 2, 96);
        }
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        int value = local[item];
        if (item < 96) { // the last warp reads too, but does not say so
            BulkCopy.arrive(local, BAR + 2);
        }
        if (item == 0) {
            BulkCopy.await(local, BAR + 2, 0);
            BulkCopy.expect(local, BAR, 8 * TILE);
            BulkCopy.copy(local, BAR, 0, in, 0, 8 * TILE);
        }
        BulkCopy.await(local, BAR, 1);
        out.set(item, value);
    }

    static void copiesOverACopy(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.copy(local, item / 2 * 4, in, 0);
        AsyncCopy.commit();
        AsyncCopy.await(0);
        out.set(item, local[item * 4]);
    }

    static void loadsAMisalignedRow(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(1024);
        int item = context.localIdx;
        for (int i = item; i < 1024; i += 128) {
            local[i] = i;
        }
        context.localBarrier();
        int[] a = new int[4];
        Warp.load4(local, item * 4 + 2, a, 0);
        out.set(item, a[0]);
    }

    static void copiesHalfAChunk(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        if (context.localIdx == 0) {
            BulkCopy.barrier(local, BAR, 1);
            BulkCopy.expect(local, BAR, 24);
            BulkCopy.copy(local, BAR, 0, in, 0, 24);
        }
        out.set(context.localIdx, 0);
    }

    static void copiesToAMisalignedPlace(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        if (context.localIdx == 0) {
            BulkCopy.barrier(local, BAR, 1);
            BulkCopy.expect(local, BAR, 16);
            BulkCopy.copy(local, BAR, 1, in, 0, 16);
        }
        out.set(context.localIdx, 0);
    }

    static void copiesFromAMisalignedPlace(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(512);
        AsyncCopy.copy(local, context.localIdx * 4, in, context.localIdx * 4 + 1);
        out.set(context.localIdx, 0);
    }

    static void writesFourAtAMisalignedPlace(KernelContext context, IntArray in, IntArray out) {
        Quad.putInts(out, context.localIdx % 32 * 4 + 2, 0, 0, 0, 0);
    }

    static void makesAMisalignedBarrier(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(16);
        if (context.localIdx == 0) {
            BulkCopy.barrier(local, 3, 1);
        }
        out.set(context.localIdx, 0);
    }

    static void expectsMoreThanComes(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 1);
        }
        context.localBarrier();
        if (item == 0) {
            BulkCopy.expect(local, BAR, 64);
            BulkCopy.copy(local, BAR, 0, in, 0, 48);
        }
        BulkCopy.await(local, BAR, 0);
        out.set(item, 0);
    }

    static void bringsMoreThanIsExpected(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 1);
            BulkCopy.expect(local, BAR, 32);
            BulkCopy.copy(local, BAR, 0, in, 0, 48);
        }
        out.set(item, 0);
    }

    static void arrivesOnceTooOften(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 1);
            BulkCopy.expect(local, BAR, 32);
            BulkCopy.arrive(local, BAR);
        }
        out.set(item, 0);
    }

    static void waitsAtWhatIsNoBarrier(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        BulkCopy.await(local, BAR, 1);
        out.set(context.localIdx, local.length);
    }

    static void usesABarrierBeforeAllMet(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 128);
        }
        out.set(item, Warp.exchangeInt(item, 1));
        if (item % 2 == 1) {
            BulkCopy.arrive(local, BAR);
        }
    }

    static void makesABarrierTwice(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        if (context.localIdx < 2) {
            BulkCopy.barrier(local, BAR, 1);
        }
        out.set(context.localIdx, 0);
    }

    static void writesIntoABarrier(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        if (context.localIdx == 0) {
            BulkCopy.barrier(local, BAR, 1);
            local[BAR + 1] = 0;
        }
        out.set(context.localIdx, 0);
    }

    static void waitsForThePhaseThatIsNext(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        BulkCopy.await(local, BAR, 1);
        out.set(context.localIdx, local[context.localIdx]);
    }

    static void aHelperReadsALocalArray(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        out.set(context.localIdx, element(local, context.localIdx));
    }

    private static int element(int[] array, int index) {
        return array[index];
    }

    static void takesMoreThanHopperHas(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(227 * 256 + 1);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        out.set(context.localIdx, local[context.localIdx]);
    }

    static void asksForAnOddNumberOfRegisters(KernelContext context, IntArray in, IntArray out) {
        Occupancy.take(30);
        out.set(context.localIdx, 0);
    }
}
