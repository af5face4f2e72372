package seer.model.backend.tornado;

import seer.kernels.attention.AttentionMass;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.DeltaRows;
import seer.kernels.attention.OneQueryAttention;
import seer.kernels.attention.PooledAttention;
import seer.model.attention.BlockMask;
import seer.model.attention.MassPooling;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// Attention over block lists, attention of one query, and the maps that gates learn from.
final class Attention {
    /// Keys of one split of a single query, and splits at most.
    private static final int SPLIT = 256;
    private static final int SPLITS = 64;

    private final Device device;
    private final Rungs rungs;
    private final DeviceArena backend;
    private final Scratch scratch;
    private final ResidentMasks masks;

    Attention(Device device, Rungs rungs, DeviceArena backend, Scratch scratch, ResidentMasks masks) {
        this.device = device;
        this.rungs = rungs;
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
        var work = new Work.Sparse(rows, q.extent(0), cache.groups(), q.extent(2), mask.block(), cache.keys().type());
        Rung<Work.Sparse> rung = rungs.take(work);
        String name = rung.key(work);
        Operation attend = device.operation(name, () -> rung.addTo(new Operation(name), work));
        Step step = set(attend.step(0), q, rows, offset, cache, out, logSumExp);
        list(step, lists, mask);
        rung.launch().set(step, work);
        device.run(attend);
    }

    void attendRest(DeviceTensor q, int rows, int offset, DeviceCache means, BlockMask mask, DeviceTensor out,
                    DeviceTensor logSumExp) {
        if (rows == 0) {
            return;
        }
        DeviceMask lists = masks.of(mask, (DeviceArena) out.arena());
        var work = new Work.Rest(rows, q.extent(0), means.groups(), q.extent(2), mask.block(), means.keys().type());
        Rung<Work.Rest> rung = rungs.take(work);
        String name = rung.key(work);
        Operation rest = device.operation(name, () -> rung.addTo(new Operation(name), work));
        Step step = set(rest.step(0), q, rows, offset, means, out, logSumExp);
        list(step, lists, mask);
        rung.launch().set(step, work);
        device.run(rest);
    }

    private static Step set(Step step, DeviceTensor q, int rows, int offset, DeviceCache cache, DeviceTensor out,
                            DeviceTensor logSumExp) {
        return step.put(BlockSparseAttention.P_ROWS, rows).put(BlockSparseAttention.P_OFFSET, offset)
                .put(BlockSparseAttention.P_Q, q).put(BlockSparseAttention.P_Q_STRIDE, q.extent(1))
                .put(BlockSparseAttention.P_K, cache.keys()).put(BlockSparseAttention.P_V, cache.values())
                .put(BlockSparseAttention.P_KV_STRIDE, cache.capacity()).put(BlockSparseAttention.P_OUT, out)
                .putOrNone(BlockSparseAttention.P_LSE, logSumExp)
                .put(BlockSparseAttention.P_LSE_STRIDE, logSumExp == null ? 0 : logSumExp.extent(1));
    }

    /// Lists of blocks, as both arithmetics tell them to a step.
    static void list(Step step, DeviceMask lists, BlockMask mask) {
        step.put(BlockSparseAttention.P_START, lists.startAt())
                .put(BlockSparseAttention.P_END, lists.endAt().first())
                .put(BlockSparseAttention.P_LIST_ROWS, mask.rows())
                .put(BlockSparseAttention.P_INDEX, lists.indexAt());
    }

    void addDeltas(DeltaTask task, DeviceTensor q, DeviceCache cache, DeviceTensor out) {
        if (task.rows() == 0) {
            return;
        }
        int heads = q.extent(0);
        int groups = cache.groups();
        int d = q.extent(2);
        String name = "delta rows " + heads + " " + groups + " " + d;
        Operation deltas = device.operation(name, () -> new Operation(name).local(DeltaRows.LOCAL_BYTES)
                .step((graph, id, step) -> graph.task(id, DeltaRows::part, new KernelContext(),
                        step.floats(DeltaRows.P_Q), step.floats(DeltaRows.P_K), step.floats(DeltaRows.P_V),
                        step.floats(DeltaRows.P_SCRATCH), step.p(), heads, groups, d))
                .step((graph, id, step) -> graph.task(id, DeltaRows::spread, new KernelContext(),
                        step.floats(DeltaRows.P_SCRATCH), step.floats(DeltaRows.P_OUT), step.p(), heads, d)));
        int splits = task.splits(scratch, heads, d);
        for (int i = 0; i < 2; i++) {
            task.set(deltas.step(i), splits).put(DeltaRows.P_Q, q).put(DeltaRows.P_Q_STRIDE, q.extent(1))
                    .put(DeltaRows.P_K, cache.keys()).put(DeltaRows.P_V, cache.values())
                    .put(DeltaRows.P_KV_STRIDE, cache.capacity()).put(DeltaRows.P_OUT, out)
                    .put(DeltaRows.P_SCRATCH, scratch.start());
        }
        deltas.step(0).groups(Math.ceilDiv(task.dense(), DeltaRows.ITEMS), heads * splits, 1, DeltaRows.ITEMS);
        deltas.step(1).items((long) task.dense() * heads * d);
        device.run(deltas);
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
                            int block, int head, int count) {
        var work = new Work.PooledMap(rows, offset, q.extent(2), block, cache.keys().type());
        Rung<Work.PooledMap> rung = rungs.take(work);
        String name = rung.key(work);
        Operation pooled = device.operation(name, () -> rung.addTo(new Operation(name), work));
        return maps(q, cache, Math.ceilDiv(rows, block), work.columns(), head, count, (h, group, map) -> {
            Step step = pooled.step(0).put(PooledAttention.P_ROWS, rows).put(PooledAttention.P_OFFSET, offset)
                    .put(PooledAttention.P_Q, q.at(h * q.stride()))
                    .put(PooledAttention.P_K, cache.keys().at(group * cache.keys().stride()))
                    .put(PooledAttention.P_LSE, logSumExp.at(h * logSumExp.extent(1)))
                    .put(PooledAttention.P_MAP, map).put(PooledAttention.P_MAP_STRIDE, work.columns());
            rung.launch().set(step, work);
            device.run(pooled);
        });
    }

    float[] blockMass(DeviceTensor q, int rows, int offset, DeviceCache cache, DeviceTensor logSumExp, int block,
                      int head, int count, MassPooling pooling) {
        var work = new Work.MassMap(rows, offset, q.extent(2), block, cache.keys().type());
        Rung<Work.MassMap> rung = rungs.take(work);
        String name = rung.key(work);
        Operation mass = device.operation(name, () -> rung.addTo(new Operation(name), work));
        return maps(q, cache, Math.ceilDiv(rows, block), work.columns(), head, count, (h, group, map) -> {
            Step step = mass.step(0).put(AttentionMass.P_ROWS, rows).put(AttentionMass.P_OFFSET, offset)
                    .put(AttentionMass.P_Q, q.at(h * q.stride()))
                    .put(AttentionMass.P_K, cache.keys().at(group * cache.keys().stride()))
                    .put(AttentionMass.P_LSE, logSumExp.at(h * logSumExp.extent(1)))
                    .put(AttentionMass.P_MAP, map).put(AttentionMass.P_MAP_STRIDE, work.columns())
                    .put(AttentionMass.P_KIND, kind(pooling));
            rung.launch().set(step, work);
            device.run(mass);
        });
    }

    /// What computes the map of a head.
    private interface HeadMap {
        void compute(int head, int group, Place map);
    }

    private float[] maps(DeviceTensor q, DeviceCache cache, int rows, int columns, int head, int count,
                         HeadMap each) {
        try (DeviceArena arena = backend.within("the map")) {
            DeviceTensor maps = arena.tensor(count, rows, columns);
            for (int i = 0; i < count; i++) {
                each.compute(head + i, (head + i) / (q.extent(0) / cache.groups()), maps.at(i * maps.stride()));
            }
            return maps.download();
        }
    }

    /// As the kernel calls it.
    static int kind(MassPooling pooling) {
        return switch (pooling) {
            case PEAK -> AttentionMass.PEAK;
            case MEAN -> AttentionMass.MEAN;
            case ROOT -> AttentionMass.ROOT;
        };
    }
}
