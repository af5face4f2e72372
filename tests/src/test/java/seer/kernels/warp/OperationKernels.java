package seer.kernels.warp;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.Cluster;
import seer.warp.Quad;
import seer.warp.Warp;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each operation of a warp alone, as a kernel: registers come from `in` and go to `out` as they are.
final class OperationKernels {

    private OperationKernels() { }

    /// One warp; a lane has four ints of `a`, two of `b`, four floats of `d`.
    static void multiplyAdd(KernelContext context, IntArray a, IntArray b, FloatArray d) {
        int lane = context.localIdx;
        int[] left = new int[4];
        int[] right = new int[2];
        float[] sum = new float[4];
        for (int i = 0; i < 4; i++) {
            left[i] = a.get(lane * 4 + i);
            sum[i] = d.get(lane * 4 + i);
        }
        right[0] = b.get(lane * 2);
        right[1] = b.get(lane * 2 + 1);
        Warp.multiplyAdd(sum, 0, left, 0, right, 0);
        for (int i = 0; i < 4; i++) {
            d.set(lane * 4 + i, sum[i]);
        }
    }

    /// One warp: four matrices, one below the other, with rows of 16 bytes; as they are, then transposed.
    static void load(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(128);
        int lane = context.localIdx;
        for (int i = 0; i < 4; i++) {
            local[lane * 4 + i] = in.get(lane * 4 + i);
        }
        context.localBarrier();
        int[] both = new int[8];
        Warp.load4(local, lane * 4, both, 0);
        Warp.load4Transposed(local, lane * 4, both, 4);
        for (int i = 0; i < 8; i++) {
            out.set(lane * 8 + i, both[i]);
        }
    }

    static void exchange(KernelContext context, FloatArray x, IntArray y, int mask) {
        int item = context.localIdx;
        x.set(item, Warp.exchange(x.get(item), mask));
        y.set(item, Warp.exchangeInt(y.get(item), mask));
    }

    /// Every lane whose number in `flags` is not 0 raises one; `below` counts those of the lanes before.
    static void ballot(KernelContext context, IntArray flags, IntArray raised, IntArray below) {
        int item = context.localIdx;
        int all = Warp.ballot(flags.get(item));
        raised.set(item, all);
        below.set(item, Integer.bitCount(all & (1 << item % Warp.LANES) - 1));
    }

    /// `out`: the pair packed, its halves, two to the power of the first, one over it.
    static void roundAndRaise(KernelContext context, FloatArray in, IntArray packed, FloatArray out) {
        int item = context.globalIdx;
        int both = Warp.pack(in.get(item * 2), in.get(item * 2 + 1));
        packed.set(item, both);
        out.set(item * 4, Warp.low(both));
        out.set(item * 4 + 1, Warp.high(both));
        out.set(item * 4 + 2, Warp.exp2(in.get(item * 2)));
        out.set(item * 4 + 3, Warp.reciprocal(in.get(item * 2)));
    }

    /// Items read four elements each and write and add four, backwards.
    static void quads(KernelContext context, FloatArray in, FloatArray put, IntArray ints, FloatArray sum) {
        float[] four = new float[4];
        int at = (context.localGroupSizeX - 1 - context.localIdx) * 4;
        float x = context.localIdx;
        Quad.get(in, context.localIdx * 4, four, 0);
        Quad.put(put, at, four[0], four[1], four[2], four[3]);
        Quad.putInts(ints, at, at, at + 1, at + 2, at + 3);
        Quad.add(sum, at, x, -x, 1.0f, 0.5f);
    }

    /// 128 items bring 2 KiB in two batches; each then reads what its neighbour brought in the first, and in the
    /// second.
    static void copyInTheBackground(KernelContext context, IntArray in, IntArray out) {
        int[] local = context.allocateIntLocalArray(1024);
        int item = context.localIdx;
        AsyncCopy.copy(local, item * 4, in, item * 4);
        AsyncCopy.commit();
        AsyncCopy.copy(local, 512 + item * 4, in, 512 + item * 4);
        AsyncCopy.commit();
        AsyncCopy.await(1);
        context.localBarrier();
        out.set(item, local[(item + 1) % 128 * 4]);
        AsyncCopy.await(0);
        context.localBarrier();
        out.set(128 + item, local[512 + (item + 1) % 128 * 4 + 3]);
    }

    /// Copies tiles from `in` to `out`, two places alternating: the last warp copies, the first three read.
    static void copyInPhases(KernelContext context, IntArray in, IntArray out, int tiles) {
        int[] local = context.allocateIntLocalArray(2 * Tiles.INTS + 8);
        int item = context.localIdx;
        int come = 2 * Tiles.INTS;
        int read = come + 4;
        if (item == 0) {
            for (int i = 0; i < 2; i++) {
                BulkCopy.barrier(local, come + 2 * i, 1);
                BulkCopy.barrier(local, read + 2 * i, 96);
            }
        }
        context.localBarrier();
        if (item == 96) {
            for (int j = 0; j < tiles; j++) {
                BulkCopy.await(local, read + j % 2 * 2, j / 2 & 1 ^ 1);
                BulkCopy.expect(local, come + j % 2 * 2, Tiles.BYTES);
                for (int i = 0; i < 2; i++) { // two copies report to one phase
                    BulkCopy.copy(local, come + j % 2 * 2, (j % 2 * 2 + i) * Tiles.INTS / 2, in,
                            (j * 2 + i) * Tiles.INTS / 2, Tiles.BYTES / 2);
                }
            }
        }
        if (item < 96) {
            for (int j = 0; j < tiles; j++) {
                BulkCopy.await(local, come + j % 2 * 2, j / 2 & 1);
                for (int i = item; i < Tiles.INTS; i += 96) {
                    out.set(j * Tiles.INTS + i, local[j % 2 * Tiles.INTS + i]);
                }
                BulkCopy.arrive(local, read + j % 2 * 2);
            }
        }
    }

    /// Each group of a cluster of two copies tiles from `in` to its part of `out`; each brings half of every tile to
    /// both, once all in both have read the one before.
    static void copyToBoth(KernelContext context, IntArray in, IntArray out, int tiles) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(Tiles.INTS + 4);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        int come = Tiles.INTS;
        int read = come + 2;
        if (item == 0) {
            BulkCopy.barrier(local, come, 1);
            BulkCopy.barrier(local, read, 2 * 96);
        }
        Cluster.meet();
        if (item == 96) {
            for (int j = 0; j < tiles; j++) {
                BulkCopy.await(local, read, j & 1 ^ 1);
                BulkCopy.expect(local, come, Tiles.BYTES);
                Cluster.copy(local, come, rank * Tiles.INTS / 2, in, (2 * j + rank) * Tiles.INTS / 2, Tiles.BYTES / 2,
                        3);
            }
        }
        if (item < 96) {
            for (int j = 0; j < tiles; j++) {
                BulkCopy.await(local, come, j & 1);
                for (int i = item; i < Tiles.INTS; i += 96) {
                    out.set((context.groupIdx * tiles + j) * Tiles.INTS + i, local[i]);
                }
                Cluster.arrive(local, read, rank);
                Cluster.arrive(local, read, 1 - rank);
            }
        }
        Cluster.meet();
    }

    /// Both factors in local memory: 64 rows of a tile by `columns` rows of others below each other, all 64 columns.
    static void productLocal(KernelContext context, IntArray a, IntArray b, FloatArray d, int columns) {
        int[] local = context.allocateIntLocalArray(5 * Tiles.INTS + 2);
        int item = context.localIdx;
        int bar = 5 * Tiles.INTS;
        if (item == 0) {
            BulkCopy.barrier(local, bar, 1);
        }
        context.localBarrier();
        if (item == 0) {
            BulkCopy.expect(local, bar, Tiles.BYTES + columns * 128);
            BulkCopy.copy(local, bar, 0, a, 0, Tiles.BYTES);
            BulkCopy.copy(local, bar, Tiles.INTS, b, 0, columns * 128);
        }
        float[] sum = new float[128];
        for (int i = 0; i < 128; i++) {
            sum[i] = 1.0f;
        }
        BulkCopy.await(local, bar, 0);
        WarpGroup.open();
        for (int i = 0; i < 4; i++) {
            if (columns == 64) {
                WarpGroup.productLocal(sum, 0, 64, i, local, i * 8, Tiles.INTS + i * 8, 0, 0);
            } else {
                WarpGroup.productLocal(sum, 0, 256, i, local, i * 8, Tiles.INTS + i * 8, 0, 0);
            }
        }
        WarpGroup.commit();
        WarpGroup.await(0);
        for (int i = 0; i < columns / 2; i++) {
            d.set(item * 128 + i, sum[i]);
        }
    }

    /// First factor in registers, 64 x 16; second stored by its rows: 16 rows of 64 columns of two tiles; stored by
    /// items and published, not copied. Added to ones.
    static void productTurned(KernelContext context, IntArray a, IntArray b, FloatArray d) {
        int[] local = context.allocateIntLocalArray(2 * Tiles.INTS);
        int item = context.localIdx;
        for (int i = item; i < 2 * Tiles.INTS; i += 128) {
            local[i] = b.get(i);
        }
        BulkCopy.publish();
        context.localBarrier();
        int[] left = new int[4];
        for (int i = 0; i < 4; i++) {
            left[i] = a.get(item * 4 + i);
        }
        float[] sum = new float[64];
        for (int i = 0; i < 64; i++) {
            sum[i] = 1.0f;
        }
        WarpGroup.open();
        WarpGroup.product(sum, 0, 128, 1, left, 0, local, 16 * Tiles.ROW, 1, Tiles.BYTES);
        WarpGroup.commit();
        WarpGroup.await(0);
        for (int i = 0; i < 64; i++) {
            d.set(item * 64 + i, sum[i]);
        }
    }
}
