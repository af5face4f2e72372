package seer.sim;

import java.util.stream.Stream;

import org.junit.jupiter.params.provider.Arguments;
import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels with operations of a warp and without a mistake, for groups of 128 items.
final class CorrectWarps {

    private static final int TILE = FaultyWarps.TILE;
    private static final int BAR = FaultyWarps.BAR;

    private CorrectWarps() {
    }

    static Stream<Arguments> all() {
        return Stream.of(right("warpsGoApart", CorrectWarps::warpsGoApart),
                right("aBarrierTellsTheOthers", CorrectWarps::aBarrierTellsTheOthers),
                right("storesArePublished", CorrectWarps::storesArePublished),
                right("productsRunBesideTheItems", CorrectWarps::productsRunBesideTheItems),
                right("readersSayWhenTheyAreDone", CorrectWarps::readersSayWhenTheyAreDone),
                right("publishedStoresMayBeCopiedOver", CorrectWarps::publishedStoresMayBeCopiedOver),
                right("someReadAndOthersCopy", CorrectWarps::someReadAndOthersCopy));
    }

    private static Arguments right(String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        return Arguments.of(name, kernel);
    }

    /// Whole warps may take different branches, and end at different times.
    static void warpsGoApart(KernelContext context, IntArray in, IntArray out) {
        int item = context.localIdx;
        int value = item;
        if (item < 64) {
            value = Warp.exchangeInt(value, 1);
            value = Warp.exchangeInt(value, 2);
        } else if (item < 96) {
            value = Warp.exchangeInt(value, 3);
        }
        out.set(item, value);
    }

    private static void bring(KernelContext context, int[] local, IntArray in) {
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR, 1);
        }
        context.localBarrier();
        if (item == 0) {
            BulkCopy.expect(local, BAR, 8 * TILE);
            BulkCopy.copy(local, BAR, 0, in, 0, 8 * TILE);
        }
    }

    /// One item waits for the copy, and all wait for that item.
    static void aBarrierTellsTheOthers(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        if (context.localIdx == 0) {
            BulkCopy.await(local, BAR, 0);
        }
        context.localBarrier();
        int[] a = new int[4];
        Warp.load4(local, context.localIdx * 4, a, 0);
        out.set(context.localIdx, a[0] + local[context.localIdx + TILE]);
    }

    static void storesArePublished(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        int item = context.localIdx;
        for (int i = item; i < 2 * TILE; i += 128) {
            local[i] = in.get(i);
        }
        BulkCopy.publish();
        context.localBarrier();
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        context.localBarrier();
        local[item] = 0;
        out.set(item, (int) sum[0]);
    }

    /// Other registers may be used, the batch before be read, and registers be used again behind the next `open`.
    static void productsRunBesideTheItems(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[64];
        float[] other = new float[2];
        int[] a = new int[4];
        for (int i = 0; i < 4; i++) {
            a[i] = 0x3F803F80;
        }
        WarpGroup.renew(a, 0, 0);
        WarpGroup.open();
        WarpGroup.product(sum, 0, 64, 0, a, 0, local, 0, 0, 0);
        WarpGroup.commit();
        WarpGroup.productLocal(sum, 32, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.productLocal(sum, 32, 64, 1, local, 8, TILE + 8, 0, 0);
        WarpGroup.commit();
        other[0] = 1.0f;
        WarpGroup.await(1);
        other[1] = sum[0];
        a[0] = 0;
        WarpGroup.await(0);
        WarpGroup.open();
        WarpGroup.product(sum, 0, 64, 1, a, 0, local, 0, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(context.localIdx, (int) (other[0] + other[1] + sum[0] + sum[32]));
    }

    static void readersSayWhenTheyAreDone(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 4);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, BAR + 2, 4);
        }
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        if (item % 32 == 0) {
            BulkCopy.arrive(local, BAR + 2);
        }
        if (item == 0) {
            BulkCopy.await(local, BAR + 2, 0);
            BulkCopy.expect(local, BAR, 8 * TILE);
            BulkCopy.copy(local, BAR, 0, in, 0, 8 * TILE);
        }
        BulkCopy.await(local, BAR, 1);
        out.set(item, (int) sum[0] + local[item]);
    }

    static void publishedStoresMayBeCopiedOver(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        int item = context.localIdx;
        local[item] = item;
        BulkCopy.publish();
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        out.set(item, local[item]);
    }

    /// The last warp ends long before the others, which share registers out again.
    static void someReadAndOthersCopy(KernelContext context, IntArray in, IntArray out) {
        Occupancy.groups(2);
        int[] local = context.allocateIntLocalArray(512);
        int item = context.localIdx;
        Occupancy.take(64);
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.commit();
        AsyncCopy.await(0);
        context.localBarrier();
        if (item < 96) {
            out.set(item, Warp.exchangeInt(local[(item + 32) * 4], 1));
        } else {
            out.set(item, 0);
        }
    }
}
