package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.attention.AttentionMass;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.DeltaRows;
import seer.kernels.attention.LongRows;
import seer.kernels.attention.OneQueryAttention;
import seer.kernels.attention.OneQueryTiles;
import seer.kernels.attention.PooledAttention;
import seer.kernels.attention.TileDeltaRows;
import seer.kernels.attention.TileMeans;
import seer.kernels.layer.TileMove;
import seer.model.attention.BlockMask;
import seer.model.attention.MassPooling;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileTensor;
import uk.ac.manchester.tornado.api.KernelContext;

/// Attention on tensor cores: dense, over block lists, of one query; and the pooled map.
final class TileAttention {
    /// Keys of one split of a single query, and splits at most.
    private static final int SPLIT = 256;
    private static final int SPLITS = 64;

    private final Device device;
    private final Rungs rungs;
    private final DeviceArena backend;
    private final Scratch scratch;
    private final ResidentMasks masks;

    TileAttention(Device device, Rungs rungs, DeviceArena backend, Scratch scratch, ResidentMasks masks) {
        this.device = device;
        this.rungs = rungs;
        this.backend = backend;
        this.scratch = scratch;
        this.masks = masks;
    }

    void attend(TileTensor q, int rows, int offset, TileCache cache, BlockMask mask, TileTensor out,
                DeviceTensor logSumExp) {
        requireBlock(mask.block());
        if (rows == 0) {
            return;
        }
        if (mask.isDense()) {
            var work = new Work.Dense(rows, q.heads(), cache.groups(), q.width(), cache.keys().type());
            Rung<Work.Dense> rung = rungs.take(work);
            Operation attend = operation(rung, work);
            set(attend.step(0), q, rows, offset, cache, out, logSumExp);
            rung.launch().set(attend.step(0), work);
            device.run(attend);
        } else {
            var work = new Work.Sparse(rows, q.heads(), cache.groups(), q.width(), mask.block(), cache.keys().type());
            attendListed(work, q, offset, cache, mask, out, logSumExp);
        }
    }

    private void attendListed(Work.Sparse work, TileTensor q, int offset, TileCache cache, BlockMask mask,
                              TileTensor out, DeviceTensor logSumExp) {
        Rung<Work.Sparse> rung = rungs.take(work);
        var shares = RowShares.of(work.rows(), offset + work.rows(), work.block());
        String name = rung.key(work) + (shares.any() ? ", last rows shared" : "");
        Operation attend = device.operation(name, () -> shares.any()
                ? join(rung.addTo(new Operation(name), work), work) : rung.addTo(new Operation(name), work));
        DeviceMask lists = masks.of(mask, (DeviceArena) out.arena());
        Step step = set(attend.step(0), q, work.rows(), offset, cache, out, logSumExp);
        Attention.list(step, lists, mask);
        rung.launch().set(step, work);
        if (shares.any()) {
            scratch.rows(shares.floats(work.heads(), work.width()), 1);
            shares.joined(attend.step(1), work.heads(), work.width());
            step.groups(shares.groups(work.heads()));
        }
        shares.put(step, shares.any() ? scratch.start() : null);
        device.run(attend);
    }

    private static Operation join(Operation operation, Work.Sparse work) {
        return operation.sharing((graph, id, step) -> graph.task(id, LongRows::join, new KernelContext(),
                step.floats(LongRows.P_ROOM), step.integers(BlockSparseAttention.P_START),
                step.integers(BlockSparseAttention.P_INDEX), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.p(), work.heads(), work.width(), work.block()));
    }

    void attendRest(TileTensor q, int rows, int offset, TileCache means, BlockMask mask, TileTensor out,
                    DeviceTensor logSumExp) {
        requireBlock(mask.block());
        if (rows == 0) {
            return;
        }
        var work = new Work.Rest(rows, q.heads(), means.groups(), q.width(), mask.block(), means.keys().type());
        Rung<Work.Rest> rung = rungs.take(work);
        Operation rest = operation(rung, work);
        DeviceMask lists = masks.of(mask, (DeviceArena) out.arena());
        Attention.list(set(rest.step(0), q, rows, offset, means, out, logSumExp), lists, mask);
        rung.launch().set(rest.step(0), work);
        device.run(rest);
    }

    void addDeltas(DeltaTask task, TileTensor q, TileCache cache, TileTensor out) {
        if (task.rows() == 0) {
            return;
        }
        int heads = q.heads();
        int groups = cache.groups();
        int width = q.width();
        String name = "tile delta rows " + heads + " " + groups + " " + width;
        Operation deltas = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, TileDeltaRows::part, new KernelContext(),
                        step.integers(DeltaRows.P_Q), step.integers(DeltaRows.P_K), step.integers(DeltaRows.P_V),
                        step.floats(DeltaRows.P_SCRATCH), step.p(), heads, groups, width))
                .step((graph, id, step) -> graph.task(id, TileDeltaRows::spread, new KernelContext(),
                        step.floats(DeltaRows.P_SCRATCH), step.integers(DeltaRows.P_OUT), step.p(), heads, width)));
        int splits = task.splits(scratch, heads, width);
        for (int i = 0; i < 2; i++) {
            task.set(deltas.step(i), splits).put(DeltaRows.P_Q, q.start()).put(DeltaRows.P_Q_STRIDE, q.rowTiles())
                    .put(DeltaRows.P_K, cache.keys().start()).put(DeltaRows.P_V, cache.values().start())
                    .put(DeltaRows.P_KV_STRIDE, cache.keys().rowTiles()).put(DeltaRows.P_OUT, out.start())
                    .put(DeltaRows.P_SCRATCH, scratch.start());
        }
        deltas.step(0).groups(Math.ceilDiv(task.dense(), TileDeltaRows.ROWS), heads * splits, 1, TileDeltaRows.ITEMS);
        deltas.step(1).items((long) task.dense() * heads * width / 2);
        device.run(deltas);
    }

    void averageBlocks(TileCache cache, int from, int blocks, int block, TileCache means) {
        requireBlock(block);
        if (blocks == 0) {
            return;
        }
        Operation average = device.operation("average tiles", () -> average(average(new Operation("average tiles"))));
        average(average.step(0), cache.keys(), from, blocks, block, means.keys());
        average(average.step(1), cache.values(), from, blocks, block, means.values());
        device.run(average);
    }

    private static Operation average(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, TileMeans::pairs, new KernelContext(),
                step.integers(TileMeans.P_X), step.integers(TileMeans.P_MEANS), step.p()));
    }

    private static void average(Step step, TileTensor x, int from, int blocks, int block, TileTensor means) {
        step.put(TileMeans.P_GROUPS, x.heads()).put(TileMeans.P_D, x.width()).put(TileMeans.P_FROM, from)
                .put(TileMeans.P_BLOCKS, blocks).put(TileMeans.P_B, block).put(TileMeans.P_X, x.start())
                .put(TileMeans.P_X_TILES, x.rowTiles()).put(TileMeans.P_MEANS, means.start())
                .put(TileMeans.P_MEANS_TILES, means.rowTiles()).items((long) x.heads() * blocks * x.width() / 2);
    }

    private <W extends Work> Operation operation(Rung<W> rung, W work) {
        String name = rung.key(work);
        return device.operation(name, () -> rung.addTo(new Operation(name), work));
    }

    private static Step set(Step step, TileTensor q, int rows, int offset, TileCache cache, TileTensor out,
                            DeviceTensor logSumExp) {
        return step.put(BlockSparseAttention.P_ROWS, rows).put(BlockSparseAttention.P_OFFSET, offset)
                .put(BlockSparseAttention.P_Q, q.start()).put(BlockSparseAttention.P_Q_STRIDE, q.rowTiles())
                .put(BlockSparseAttention.P_K, cache.keys().start())
                .put(BlockSparseAttention.P_V, cache.values().start())
                .put(BlockSparseAttention.P_KV_STRIDE, cache.keys().rowTiles())
                .put(BlockSparseAttention.P_OUT, out.start()).putOrNone(BlockSparseAttention.P_LSE, logSumExp)
                .put(BlockSparseAttention.P_LSE_STRIDE, logSumExp == null ? 0 : logSumExp.extent(1));
    }

    static void requireBlock(int block) {
        if (block != 64 && block != 128) {
            throw new IllegalArgumentException("blocks have " + block + " tokens, tensor cores are used for 64 and "
                    + "128: take --precision f32");
        }
    }

    /// @param mask the query's row of blocks, of any number of tokens; null for every key
    void attendOne(TileTensor q, int position, TileCache cache, BlockMask mask, TileTensor out) {
        int heads = q.heads();
        int groups = cache.groups();
        int width = q.width();
        int block = mask == null ? 1 : mask.block();
        int listed = mask == null ? 0 : 1;
        String name = "tile attend one " + heads + " " + groups + " " + width + (mask == null ? "" : " " + block);
        Operation one = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, OneQueryTiles::part, new KernelContext(),
                        step.integers(OneQueryAttention.P_Q), step.integers(OneQueryAttention.P_K),
                        step.integers(OneQueryAttention.P_V), step.integers(OneQueryAttention.P_START),
                        step.integers(OneQueryAttention.P_INDEX), step.floats(OneQueryAttention.P_SCRATCH), step.p(),
                        heads, groups, width, block, listed))
                .step((graph, id, step) -> graph.task(id, OneQueryTiles::merge, new KernelContext(),
                        step.floats(OneQueryAttention.P_SCRATCH), step.integers(OneQueryAttention.P_OUT), step.p(),
                        width)));
        int splits = scratch.rows(heads * (width + 2L), Math.clamp(Math.ceilDiv(position + 1, SPLIT), 1, SPLITS));
        for (int i = 0; i < 2; i++) {
            one.step(i).put(OneQueryAttention.P_POSITION, position).put(OneQueryAttention.P_Q, q.start())
                    .put(OneQueryAttention.P_Q_STRIDE, q.rowTiles())
                    .put(OneQueryAttention.P_K, cache.keys().start())
                    .put(OneQueryAttention.P_V, cache.values().start())
                    .put(OneQueryAttention.P_KV_STRIDE, cache.keys().rowTiles())
                    .put(OneQueryAttention.P_OUT, out.start()).put(OneQueryAttention.P_SCRATCH, scratch.start())
                    .put(OneQueryAttention.P_SPLITS, splits);
        }
        if (mask != null) {
            masks.list(mask, (DeviceArena) out.arena(), one.step(0));
        }
        one.step(0).groups(splits, heads, 1, OneQueryTiles.ITEMS);
        one.step(1).groups(1, heads, 1, OneQueryTiles.ITEMS);
        device.run(one);
    }

    /// Maps of heads, by the kernel for floats: queries and keys of each are unpacked first.
    float[] pooledAttention(TileTensor q, int rows, int offset, TileCache cache, DeviceTensor logSumExp, int block,
                            int head, int count) {
        int width = q.width();
        String name = "tile pooled " + width + " " + block;
        Operation pooled = device.operation(name, () -> unpack(unpack(new Operation(name)))
                .step((graph, id, step) -> graph.task(id, PooledAttention::tiled, new KernelContext(),
                        step.floats(PooledAttention.P_Q), step.floats(PooledAttention.P_K),
                        step.floats(PooledAttention.P_LSE), step.floats(PooledAttention.P_MAP), step.p(), width,
                        block)));
        return maps(pooled, q, rows, offset, cache, logSumExp, block, head, count);
    }

    float[] blockMass(TileTensor q, int rows, int offset, TileCache cache, DeviceTensor logSumExp, int block, int head,
                      int count, MassPooling pooling) {
        int width = q.width();
        String name = "tile mass " + width + " " + block;
        Operation mass = device.operation(name, () -> unpack(unpack(new Operation(name)))
                .step((graph, id, step) -> graph.task(id, AttentionMass::tiled, new KernelContext(),
                        step.floats(AttentionMass.P_Q), step.floats(AttentionMass.P_K),
                        step.floats(AttentionMass.P_LSE), step.floats(AttentionMass.P_MAP), step.p(), width, block)));
        mass.step(2).put(AttentionMass.P_KIND, Attention.kind(pooling));
        return maps(mass, q, rows, offset, cache, logSumExp, block, head, count);
    }

    /// @param operation whose third step has the places of [PooledAttention], as that of [AttentionMass] has
    private float[] maps(Operation operation, TileTensor q, int rows, int offset, TileCache cache,
                         DeviceTensor logSumExp, int block, int head, int count) {
        int width = q.width();
        int keys = offset + rows;
        int columns = Math.ceilDiv(keys, block);
        int edge = Math.max(block, 64);
        try (DeviceArena arena = backend.within("the map")) {
            DeviceTensor maps = arena.tensor(count, Math.ceilDiv(rows, block), columns);
            Place queries = arena.tensor(rows, width).at(0);
            Place seen = arena.tensor(keys, width).at(0);
            for (int i = 0; i < count; i++) {
                int group = (head + i) / (q.heads() / cache.groups());
                unpack(operation.step(0), q.start().plus((head + i) * q.stride()), rows, width, queries);
                unpack(operation.step(1), cache.keys().start().plus(group * cache.keys().stride()), keys, width, seen);
                operation.step(2).put(PooledAttention.P_ROWS, rows).put(PooledAttention.P_OFFSET, offset)
                        .put(PooledAttention.P_Q, queries).put(PooledAttention.P_K, seen)
                        .put(PooledAttention.P_LSE, logSumExp.at((head + i) * logSumExp.extent(1)))
                        .put(PooledAttention.P_MAP, maps.at(i * maps.stride()))
                        .put(PooledAttention.P_MAP_STRIDE, columns)
                        .groups(Math.ceilDiv(keys, edge), Math.ceilDiv(rows, edge), 1, PooledAttention.ITEMS);
                device.run(operation);
            }
            return maps.download();
        }
    }

    private static Operation unpack(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, TileMove::unpack, new KernelContext(),
                step.integers(TileMove.P_Y), step.floats(TileMove.P_AT), step.p()));
    }

    private static void unpack(Step step, Place tiles, int rows, int width, Place to) {
        step.put(TileMove.P_ROWS, rows).put(TileMove.P_C, width).put(TileMove.P_ROW, 0).put(TileMove.P_EVERY, 1)
                .put(TileMove.P_SHIFT, 0).put(TileMove.P_Y, tiles).put(TileMove.P_AT, to)
                .items((long) rows * Tiles.along(width) * Tiles.ROW);
    }
}
