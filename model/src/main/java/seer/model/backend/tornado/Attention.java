package seer.model.backend.tornado;

import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.BlockSparseAttentionBlocked;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.kernels.attention.OneQueryAttention;
import seer.kernels.attention.PooledAttention;
import seer.model.attention.BlockMask;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// Attention over block lists, attention of one query, and the pooled map.
final class Attention {
    /// Keys of one split of a single query, and splits at most.
    private static final int SPLIT = 256;
    private static final int SPLITS = 64;

    /// The kernels of attention over lists.
    private enum Rung { TILED, BLOCKED, NAIVE }

    private final Device device;
    private final DeviceArena backend;
    private final Scratch scratch;
    private final ResidentMasks masks;

    Attention(Device device, DeviceArena backend, Scratch scratch, ResidentMasks masks) {
        this.device = device;
        this.backend = backend;
        this.scratch = scratch;
        this.masks = masks;
    }

    void attend(DeviceTensor q, int rows, int offset, DeviceCache cache, BlockMask mask, DeviceTensor out,
                DeviceTensor logSumExp) {
        if (rows == 0) {
            return;
        }
        DeviceMask lists = masks.of(mask, (DeviceArena) out.arena());
        int heads = q.extent(0);
        int block = mask.block();
        Operation attend = operation(q, cache, block);
        Step step = attend.step(0).put(BlockSparseAttention.P_ROWS, rows).put(BlockSparseAttention.P_OFFSET, offset)
                .put(BlockSparseAttention.P_Q, q).put(BlockSparseAttention.P_Q_STRIDE, q.extent(1))
                .put(BlockSparseAttention.P_K, cache.keys()).put(BlockSparseAttention.P_V, cache.values())
                .put(BlockSparseAttention.P_KV_STRIDE, cache.capacity()).put(BlockSparseAttention.P_OUT, out)
                .put(BlockSparseAttention.P_START, lists.startAt())
                .put(BlockSparseAttention.P_END, lists.endAt().first())
                .put(BlockSparseAttention.P_LIST_ROWS, mask.rows())
                .put(BlockSparseAttention.P_INDEX, lists.indexAt());
        step.putOrNone(BlockSparseAttention.P_LSE, logSumExp)
                .put(BlockSparseAttention.P_LSE_STRIDE, logSumExp == null ? 0 : logSumExp.extent(1));
        switch (rung(q.extent(2), block)) {
            case TILED -> step.groups(Math.ceilDiv(rows, BlockSparseAttentionTiled.rowsOfGroup(block)),
                    heads, 1, BlockSparseAttentionTiled.ITEMS);
            case BLOCKED -> step.groups(BlockSparseAttentionBlocked.groups(rows, block), heads, 1,
                    BlockSparseAttentionBlocked.rowsOfGroup(block));
            case NAIVE -> step.groups(Math.ceilDiv(rows, 64), heads, 1, 64);
        }
        device.run(attend);
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

    private Operation operation(DeviceTensor q, DeviceCache cache, int block) {
        int heads = q.extent(0);
        int groups = cache.groups();
        int d = q.extent(2);
        Rung rung = rung(d, block);
        String name = "attend " + rung + " " + heads + " " + groups + " " + d + " " + block;
        return device.operation(name, () -> new Operation(name)
                .local(rung == Rung.TILED ? BlockSparseAttentionTiled.LOCAL_BYTES : 0)
                .step((graph, id, step) -> switch (rung) {
                    case TILED -> graph.task(id, BlockSparseAttentionTiled::tiled, new KernelContext(),
                            step.floats(BlockSparseAttention.P_Q), step.floats(BlockSparseAttention.P_K),
                            step.floats(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                            step.integers(BlockSparseAttention.P_INDEX), step.floats(BlockSparseAttention.P_OUT),
                            step.floats(BlockSparseAttention.P_LSE), step.p(), heads, groups, d, block, 1);
                    case BLOCKED -> graph.task(id, BlockSparseAttentionBlocked::blocked, new KernelContext(),
                            step.floats(BlockSparseAttention.P_Q), step.floats(BlockSparseAttention.P_K),
                            step.floats(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                            step.integers(BlockSparseAttention.P_INDEX), step.floats(BlockSparseAttention.P_OUT),
                            step.floats(BlockSparseAttention.P_LSE), step.p(), heads, groups, d, block, 1);
                    case NAIVE -> graph.task(id, BlockSparseAttention::naive, new KernelContext(),
                            step.floats(BlockSparseAttention.P_Q), step.floats(BlockSparseAttention.P_K),
                            step.floats(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                            step.integers(BlockSparseAttention.P_INDEX), step.floats(BlockSparseAttention.P_OUT),
                            step.floats(BlockSparseAttention.P_LSE), step.p(), heads, groups, d, block, 1);
                }));
    }

    /// @param mask the query's row of blocks; null for every key
    void attendOne(DeviceTensor q, int position, DeviceCache cache, BlockMask mask, DeviceTensor out) {
        int heads = q.extent(0);
        int groups = cache.groups();
        int d = q.extent(2);
        int block = mask == null ? 1 : mask.block();
        int listed = mask == null ? 0 : 1;
        String name = "attend one " + heads + " " + groups + " " + d + (mask == null ? "" : " " + block);
        Operation one = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, OneQueryAttention::part, new KernelContext(),
                        step.floats(OneQueryAttention.P_Q), step.floats(OneQueryAttention.P_K),
                        step.floats(OneQueryAttention.P_V), step.integers(OneQueryAttention.P_START),
                        step.integers(OneQueryAttention.P_INDEX), step.floats(OneQueryAttention.P_SCRATCH), step.p(),
                        heads, groups, d, block, listed))
                .step((graph, id, step) -> graph.task(id, OneQueryAttention::merge, new KernelContext(),
                        step.floats(OneQueryAttention.P_SCRATCH), step.floats(OneQueryAttention.P_OUT), step.p(),
                        d)));
        int splits = scratch.rows(heads * (d + 2L), Math.clamp(Math.ceilDiv(position + 1, SPLIT), 1, SPLITS));
        for (int i = 0; i < 2; i++) {
            one.step(i).put(OneQueryAttention.P_POSITION, position).put(OneQueryAttention.P_Q, q)
                    .put(OneQueryAttention.P_Q_STRIDE, q.extent(1)).put(OneQueryAttention.P_K, cache.keys())
                    .put(OneQueryAttention.P_V, cache.values())
                    .put(OneQueryAttention.P_KV_STRIDE, cache.capacity())
                    .put(OneQueryAttention.P_OUT, out).put(OneQueryAttention.P_SCRATCH, scratch.start())
                    .put(OneQueryAttention.P_SPLITS, splits);
        }
        if (mask != null) {
            masks.list(mask, (DeviceArena) out.arena(), one.step(0));
        }
        one.step(0).groups(splits, heads, 1, OneQueryAttention.ITEMS);
        one.step(1).groups(1, heads, 1, OneQueryAttention.ITEMS);
        device.run(one);
    }

    float[] pooledAttention(DeviceTensor q, int rows, int offset, DeviceCache cache, DeviceTensor logSumExp,
                            int block, int head) {
        int d = q.extent(2);
        String name = "pooled " + d + " " + block;
        boolean tiled = tiled(d, block);
        Operation pooled = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> tiled
                        ? graph.task(id, PooledAttention::tiled, new KernelContext(),
                                step.floats(PooledAttention.P_Q), step.floats(PooledAttention.P_K),
                                step.floats(PooledAttention.P_LSE), step.floats(PooledAttention.P_MAP), step.p(), d,
                                block)
                        : graph.task(id, PooledAttention::naive, new KernelContext(),
                                step.floats(PooledAttention.P_Q), step.floats(PooledAttention.P_K),
                                step.floats(PooledAttention.P_LSE), step.floats(PooledAttention.P_MAP), step.p(), d,
                                block)));
        int mapRows = Math.ceilDiv(rows, block);
        int columns = Math.ceilDiv(offset + rows, block);
        int group = head / (q.extent(0) / cache.groups());
        try (DeviceArena arena = backend.within("the map")) {
            DeviceTensor map = arena.tensor(mapRows, columns);
            Step step = pooled.step(0).put(PooledAttention.P_ROWS, rows).put(PooledAttention.P_OFFSET, offset)
                    .put(PooledAttention.P_Q, q.at(head * q.stride()))
                    .put(PooledAttention.P_K, cache.keys().at(group * cache.keys().stride()))
                    .put(PooledAttention.P_LSE, logSumExp.at(head * logSumExp.extent(1)))
                    .put(PooledAttention.P_MAP, map).put(PooledAttention.P_MAP_STRIDE, columns);
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
}
