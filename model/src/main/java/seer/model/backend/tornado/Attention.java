package seer.model.backend.tornado;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.BlockSparseAttentionBlocked;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.kernels.Move;
import seer.kernels.attention.OneQueryAttention;
import seer.kernels.attention.PooledAttention;
import seer.model.attention.BlockMask;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Attention over block lists, dense attention of one query, and the pooled map.
final class Attention {
    /// Keys of one split of a single query, and splits at most.
    private static final int SPLIT = 256;
    private static final int SPLITS = 64;

    /// The kernels of attention over lists.
    private enum Rung { TILED, BLOCKED, NAIVE }

    private final Device device;
    private final Selection selection;
    private WeakReference<BlockMask> lastMask = new WeakReference<>(null);
    private DeviceMask lastCopy; // of that mask: all layers of a chunk may share one

    Attention(Device device, Selection selection) {
        this.device = device;
        this.selection = selection;
    }

    void attend(DeviceTensor q, int rows, int offset, DeviceTensor keys, DeviceTensor values, BlockMask mask,
                DeviceTensor out, DeviceTensor logSumExp) {
        if (rows == 0) {
            return;
        }
        DeviceMask lists = resident(mask);
        int heads = q.extent(0);
        int block = mask.block();
        int sums = logSumExp == null ? 0 : logSumExp.size();
        Operation attend = operation(q, keys, block, sums);
        attend.step(0).put(BlockSparseAttention.P_ROWS, rows).put(BlockSparseAttention.P_OFFSET, offset)
                .put(BlockSparseAttention.P_Q, q.offset()).put(BlockSparseAttention.P_Q_STRIDE, q.extent(1))
                .put(BlockSparseAttention.P_K, keys.offset()).put(BlockSparseAttention.P_V, values.offset())
                .put(BlockSparseAttention.P_KV_STRIDE, keys.extent(1))
                .put(BlockSparseAttention.P_OUT, out.offset())
                .put(BlockSparseAttention.P_LSE, sums > 0 ? 0 : -1)
                .put(BlockSparseAttention.P_LSE_STRIDE, sums > 0 ? logSumExp.extent(1) : 0)
                .put(BlockSparseAttention.P_START, lists.startAt())
                .put(BlockSparseAttention.P_END, lists.endAt())
                .put(BlockSparseAttention.P_LIST_ROWS, mask.rows())
                .put(BlockSparseAttention.P_INDEX, lists.indexAt());
        switch (rung(q.extent(2), block)) {
            case TILED -> attend.step(0).groups(Math.ceilDiv(rows, BlockSparseAttentionTiled.rowsOfGroup(block)),
                    heads, 1, BlockSparseAttentionTiled.ITEMS);
            case BLOCKED -> attend.step(0).groups(BlockSparseAttentionBlocked.groups(rows, block), heads, 1,
                    BlockSparseAttentionBlocked.rowsOfGroup(block));
            case NAIVE -> attend.step(0).groups(Math.ceilDiv(rows, 64), heads, 1, 64);
        }
        if (sums > 0) {
            attend.step(1).set(sums, 0, logSumExp.offset()).items(sums);
        }
        device.run(attend);
        Reference.reachabilityFence(lists);
    }

    private DeviceMask resident(BlockMask mask) {
        if (mask instanceof DeviceMask own) {
            return own;
        }
        if (lastMask.get() != mask) {
            lastCopy = selection.resident(mask);
            lastMask = new WeakReference<>(mask);
        }
        return lastCopy;
    }

    /// The fastest kernel for a head width and a block, as long as the device has local memory for it.
    private Rung rung(int width, int block) {
        if (!tiled(width, block)) {
            return Rung.NAIVE;
        }
        return device.hasLocal(BlockSparseAttentionTiled.LOCAL_BYTES) ? Rung.TILED : Rung.BLOCKED;
    }

    private static boolean tiled(int width, int block) {
        return width % 16 == 0 && width <= 128 && Integer.bitCount(block) == 1 && block >= 8 && block <= 128;
    }

    /// The log-sum-exp goes to a buffer of the graph's own, and from there to its place: TornadoVM's graphs cannot
    /// take one buffer for two outputs of a kernel.
    private Operation operation(DeviceTensor q, DeviceTensor keys, int block, int sums) {
        int heads = q.extent(0);
        int groups = keys.extent(0);
        int d = q.extent(2);
        Rung rung = rung(d, block);
        String name = "attend " + rung + " " + heads + " " + groups + " " + d + " " + block + " " + sums;
        return device.operation(name, () -> {
            var lse = new FloatArray(Math.max(sums, 1));
            var attend = new Operation(name).local(rung == Rung.TILED ? BlockSparseAttentionTiled.LOCAL_BYTES : 0)
                    .keeps(lse).step((graph, id, step) -> switch (rung) {
                case TILED -> graph.task(id, BlockSparseAttentionTiled::tiled, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(),
                        device.integers().array(), device.integers().array(), device.tensors().array(), lse,
                        step.p(), heads, groups, d, block, 1);
                case BLOCKED -> graph.task(id, BlockSparseAttentionBlocked::blocked, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(),
                        device.integers().array(), device.integers().array(), device.tensors().array(), lse,
                        step.p(), heads, groups, d, block, 1);
                case NAIVE -> graph.task(id, BlockSparseAttention::naive, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(),
                        device.integers().array(), device.integers().array(), device.tensors().array(), lse,
                        step.p(), heads, groups, d, block, 1);
            });
            return sums == 0 ? attend : attend.step((graph, id, step) -> graph.task(id, Move::copy,
                    new KernelContext(), lse, device.tensors().array(), step.p()));
        });
    }

    void attendOne(DeviceTensor q, int position, DeviceTensor keys, DeviceTensor values, DeviceTensor out) {
        int heads = q.extent(0);
        int groups = keys.extent(0);
        int d = q.extent(2);
        String name = "attend one " + heads + " " + groups + " " + d;
        Operation one = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, OneQueryAttention::part, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(),
                        device.tensors().array(), step.p(), heads, groups, d))
                .step((graph, id, step) -> graph.task(id, OneQueryAttention::merge, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), step.p(), d)));
        int splits = Math.clamp(Math.ceilDiv(position + 1, SPLIT), 1,
                Math.min(SPLITS, device.scratch().rows(heads * (d + 2))));
        for (int i = 0; i < 2; i++) {
            one.step(i).put(OneQueryAttention.P_POSITION, position).put(OneQueryAttention.P_Q, q.offset())
                    .put(OneQueryAttention.P_Q_STRIDE, q.extent(1)).put(OneQueryAttention.P_K, keys.offset())
                    .put(OneQueryAttention.P_V, values.offset())
                    .put(OneQueryAttention.P_KV_STRIDE, keys.extent(1))
                    .put(OneQueryAttention.P_OUT, out.offset())
                    .put(OneQueryAttention.P_SCRATCH, device.scratch().first())
                    .put(OneQueryAttention.P_SPLITS, splits);
        }
        one.step(0).groups(splits, heads, 1, OneQueryAttention.ITEMS);
        one.step(1).groups(1, heads, 1, OneQueryAttention.ITEMS);
        device.run(one);
    }

    float[] pooledAttention(DeviceTensor q, int rows, int offset, DeviceTensor keys, DeviceTensor logSumExp,
                            int block, int head) {
        int d = q.extent(2);
        String name = "pooled " + d + " " + block;
        boolean tiled = tiled(d, block);
        Operation pooled = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> tiled
                        ? graph.task(id, PooledAttention::tiled, new KernelContext(), device.tensors().array(),
                                device.tensors().array(), device.tensors().array(), device.tensors().array(),
                                step.p(), d, block)
                        : graph.task(id, PooledAttention::naive, new KernelContext(), device.tensors().array(),
                                device.tensors().array(), device.tensors().array(), device.tensors().array(),
                                step.p(), d, block)));
        int mapRows = Math.ceilDiv(rows, block);
        int columns = Math.ceilDiv(offset + rows, block);
        int group = head / (q.extent(0) / keys.extent(0));
        var map = new DeviceTensor(device, Math.multiplyExact(mapRows, columns), mapRows, columns);
        Step step = pooled.step(0).put(PooledAttention.P_ROWS, rows).put(PooledAttention.P_OFFSET, offset)
                .put(PooledAttention.P_Q, q.offset() + head * q.stride())
                .put(PooledAttention.P_K, keys.offset() + group * keys.stride())
                .put(PooledAttention.P_LSE, logSumExp.offset() + head * logSumExp.extent(1))
                .put(PooledAttention.P_MAP, map.offset()).put(PooledAttention.P_MAP_STRIDE, columns);
        if (tiled) {
            int edge = Math.max(block, 64);
            step.groups(Math.ceilDiv(offset + rows, edge), Math.ceilDiv(rows, edge), 1, PooledAttention.ITEMS);
        } else {
            step.groups(Math.ceilDiv(columns, 64), mapRows, 1, 64);
        }
        device.run(pooled);
        return map.download();
    }
}
