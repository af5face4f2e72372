package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.attention.BlockSparseAttentionBackward;
import seer.kernels.attention.BlockSparseAttentionBackwardMma;
import seer.kernels.attention.KeySlopes;
import seer.kernels.attention.LongRows;
import seer.model.attention.BlockMask;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileTensor;
import uk.ac.manchester.tornado.api.KernelContext;

/// The gradient of attention on tensor cores: lists are transposed, then queries walk the ones and keys the others.
///
/// @param backend the arena of the whole backend
record TileAttentionSlopes(Device device, DeviceArena backend, ResidentMasks masks) {

    /// What attention had and gave.
    record Forward(TileTensor q, int rows, TileCache cache, BlockMask mask, TileTensor out, DeviceTensor logSumExp) { }

    void attend(Forward forward, TileTensor dOut, TileTensor dq, TileTensor dk, TileTensor dv) {
        TileAttention.requireBlock(forward.mask().block());
        int rows = forward.rows();
        int heads = forward.q().heads();
        int groups = forward.cache().groups();
        int width = forward.q().width();
        int block = forward.mask().block();
        DeviceMask lists = masks.of(forward.mask(), (DeviceArena) dOut.arena());
        var shares = RowShares.of(rows, rows, block);
        String name = "tile attention slopes " + heads + " " + groups + " " + width + " " + block
                + (shares.any() ? ", last rows shared" : "");
        Operation slopes = device.operation(name, () -> shares.any()
                ? add(operation(name, heads, groups, width, block), heads, width, block)
                : operation(name, heads, groups, width, block));
        try (DeviceArena room = backend.within("the gradient")) {
            DeviceTensor delta = room.tensor(heads, rows);
            var columns = ColumnLists.of(device, lists, groups, room);
            DeviceTensor sums = columns.sums(width, block, room);
            Place last = shares.any() ? room.tensor(Math.toIntExact(shares.floats(heads, width))).at(0) : null;
            shares.put(queries(slopes.step(0), forward, delta, dOut, dq, lists), last)
                    .groups(shares.groups(heads), 1, 1, BlockSparseAttentionBackwardMma.ITEMS);
            columns.put(set(slopes.step(1), forward, delta, dOut), sums)
                    .groups(columns.most() * (block / Tiles.EDGE), 1, 1, BlockSparseAttentionBackwardMma.ITEMS);
            columns.put(slopes.step(2), rows, sums, dk.start(), dk.rowTiles(), dv.start(), dv.rowTiles())
                    .items((long) groups * Tiles.along(rows) * Tiles.ROW * width);
            if (shares.any()) {
                shares.joined(shares.put(queries(slopes.step(3), forward, delta, dOut, dq, lists), last), heads, width);
            }
            device.run(slopes);
        }
    }

    private static Step queries(Step step, Forward forward, DeviceTensor delta, TileTensor dOut, TileTensor dq,
                                DeviceMask lists) {
        return AttentionSlopes.put(set(step, forward, delta, dOut).put(BlockSparseAttentionBackward.P_DQ, dq.start())
                .put(BlockSparseAttentionBackward.P_DQ_STRIDE, dq.rowTiles()), lists);
    }

    private static Operation add(Operation operation, int heads, int width, int block) {
        return operation.step((graph, id, step) -> graph.task(id, LongRows::add, new KernelContext(),
                step.floats(LongRows.P_ROOM), step.integers(BlockSparseAttentionBackward.P_START),
                step.integers(BlockSparseAttentionBackward.P_INDEX), step.integers(BlockSparseAttentionBackward.P_DQ),
                step.p(), heads, width, block));
    }

    private static Step set(Step step, Forward forward, DeviceTensor delta, TileTensor dOut) {
        return step.put(BlockSparseAttentionBackward.P_ROWS, forward.rows())
                .put(BlockSparseAttentionBackward.P_Q, forward.q().start())
                .put(BlockSparseAttentionBackward.P_Q_STRIDE, forward.q().rowTiles())
                .put(BlockSparseAttentionBackward.P_K, forward.cache().keys().start())
                .put(BlockSparseAttentionBackward.P_V, forward.cache().values().start())
                .put(BlockSparseAttentionBackward.P_KV_STRIDE, forward.cache().keys().rowTiles())
                .put(BlockSparseAttentionBackward.P_OUT, forward.out().start())
                .put(BlockSparseAttentionBackward.P_SLOPE, dOut.start())
                .put(BlockSparseAttentionBackward.P_LSE, forward.logSumExp())
                .put(BlockSparseAttentionBackward.P_LSE_STRIDE, forward.logSumExp().extent(1))
                .put(BlockSparseAttentionBackward.P_DELTA, delta);
    }

    private static Operation operation(String name, int heads, int groups, int width, int block) {
        return new Operation(name)
                .step((graph, id, step) -> graph.task(id, BlockSparseAttentionBackwardMma::queries, new KernelContext(),
                        step.integers(BlockSparseAttentionBackward.P_Q),
                        step.integers(BlockSparseAttentionBackward.P_K),
                        step.integers(BlockSparseAttentionBackward.P_V),
                        step.integers(BlockSparseAttentionBackward.P_OUT),
                        step.integers(BlockSparseAttentionBackward.P_SLOPE),
                        step.floats(BlockSparseAttentionBackward.P_LSE),
                        step.floats(BlockSparseAttentionBackward.P_DELTA),
                        step.integers(BlockSparseAttentionBackward.P_DQ), step.floats(LongRows.P_ROOM),
                        step.integers(BlockSparseAttentionBackward.P_START),
                        step.integers(BlockSparseAttentionBackward.P_INDEX), step.p(), heads, groups, width, block))
                .step((graph, id, step) -> graph.task(id, BlockSparseAttentionBackwardMma::keys, new KernelContext(),
                        step.integers(BlockSparseAttentionBackward.P_Q),
                        step.integers(BlockSparseAttentionBackward.P_K),
                        step.integers(BlockSparseAttentionBackward.P_V),
                        step.integers(BlockSparseAttentionBackward.P_SLOPE),
                        step.floats(BlockSparseAttentionBackward.P_LSE),
                        step.floats(BlockSparseAttentionBackward.P_DELTA),
                        step.floats(BlockSparseAttentionBackward.P_SUMS),
                        step.integers(BlockSparseAttentionBackward.P_PARTS),
                        step.integers(BlockSparseAttentionBackward.P_INDEX), step.p(), heads, groups, width, block))
                .step((graph, id, step) -> graph.task(id, KeySlopes::tiles, new KernelContext(),
                        step.floats(KeySlopes.P_SUMS), step.integers(KeySlopes.P_FIRSTS),
                        step.integers(KeySlopes.P_DK), step.integers(KeySlopes.P_DV), step.p(), groups, width, block));
    }
}
