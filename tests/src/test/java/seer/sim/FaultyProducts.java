package seer.sim;

import static seer.sim.FaultyWarps.BAR;
import static seer.sim.FaultyWarps.TILE;
import static seer.sim.FaultyWarps.bring;

import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels with products that run beside the items and one mistake each, for groups of 128 items.
final class FaultyProducts {

    private FaultyProducts() {
    }

    static void warpsWantDifferentTiles(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        fillAndMultiply(context, local, in, out, context.localIdx / 64 * TILE, 0);
    }

    private static void fillAndMultiply(KernelContext context, int[] local, IntArray in, IntArray out, int tile,
            int a) {
        int item = context.localIdx;
        for (int i = 0; i < 8; i++) {
            AsyncCopy.copy(local, (i * 128 + item) * 4, in, (i * 128 + item) % 512 * 4);
        }
        AsyncCopy.commit();
        AsyncCopy.await(0);
        BulkCopy.publish();
        context.localBarrier();
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, a, tile, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(item, (int) sum[0]);
    }

    static void multipliesATileTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        BulkCopy.await(local, BAR, 0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void readsASumTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        out.set(context.localIdx, (int) sum[3]);
        WarpGroup.await(0);
    }

    static void waitsForTheBatchBefore(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[64];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.productLocal(sum, 32, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(1);
        out.set(context.localIdx, (int) sum[32]);
        WarpGroup.await(0);
    }

    /// Registers hold a first factor of ones; the tile is brought.
    private static void ones(int[] a) {
        for (int i = 0; i < 4; i++) {
            a[i] = 0x3F803F80;
        }
    }

    static void changesTheFirstFactorTooEarly(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        int[] a = new int[4];
        ones(a);
        WarpGroup.open();
        WarpGroup.product(sum, 0, 64, 0, a, 0, local, 0, 0, 0);
        WarpGroup.commit();
        a[2] = 0;
        WarpGroup.await(0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void endsBeforeItsProduct(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        out.set(context.localIdx, 0);
    }

    static void neverOpens(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void changesRegistersAfterOpening(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        int[] a = new int[4];
        WarpGroup.open();
        ones(a);
        WarpGroup.product(sum, 0, 64, 0, a, 0, local, 0, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void addsToSumsWithoutAValue(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 1, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void doesNotPublish(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        int item = context.localIdx;
        for (int i = item; i < 2 * TILE; i += 128) {
            local[i] = in.get(i);
        }
        context.localBarrier();
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(item, (int) sum[0]);
    }

    static void publishesBehindTheBarrier(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        int item = context.localIdx;
        for (int i = item; i < 2 * TILE; i += 128) {
            local[i] = in.get(i);
        }
        context.localBarrier();
        BulkCopy.publish();
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        out.set(item, (int) sum[0]);
    }

    static void copiesOverATileThatIsMultiplied(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        WarpGroup.await(0);
        if (context.localIdx == 0) { // has waited for its own warp's part alone
            BulkCopy.expect(local, BAR, 8 * TILE);
            BulkCopy.copy(local, BAR, 0, in, 0, 8 * TILE);
        }
        BulkCopy.await(local, BAR, 1);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void storesIntoATileThatIsMultiplied(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(BAR + 2);
        bring(context, local, in);
        BulkCopy.await(local, BAR, 0);
        float[] sum = new float[32];
        WarpGroup.open();
        WarpGroup.productLocal(sum, 0, 64, 0, local, 0, TILE, 0, 0);
        WarpGroup.commit();
        context.localBarrier();
        local[TILE + context.localIdx] = 0;
        WarpGroup.await(0);
        out.set(context.localIdx, (int) sum[0]);
    }

    static void multipliesAMisalignedTile(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        fillAndMultiply(context, local, in, out, 32, 0);
    }

    static void multipliesAMisalignedFirstFactor(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(2 * TILE);
        fillAndMultiply(context, local, in, out, 0, 2);
    }
}
