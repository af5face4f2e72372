package seer.model.backend.tornado;

import seer.kernels.attention.BlockSparseAttentionBackward;
import seer.kernels.attention.KeySlopes;
import seer.model.attention.BlockMask;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// The gradient of attention: lists are transposed, then queries walk the ones and keys the others.
final class AttentionSlopes {
    private final Device device;
    private final DeviceArena backend;
    private final ResidentMasks masks;

    AttentionSlopes(Device device, DeviceArena backend, ResidentMasks masks) {
        this.device = device;
        this.backend = backend;
        this.masks = masks;
    }

    /// What attention had and gave.
    record Forward(DeviceTensor q, int rows, DeviceCache cache, BlockMask mask, DeviceTensor out,
                   DeviceTensor logSumExp) { }

    void attend(Forward forward, DeviceTensor dOut, DeviceTensor dq, DeviceTensor dk, DeviceTensor dv) {
        int rows = forward.rows();
        int heads = forward.q().extent(0);
        int groups = forward.cache().groups();
        int width = forward.q().extent(2);
        int block = forward.mask().block();
        DeviceMask lists = masks.of(forward.mask(), (DeviceArena) dOut.arena());
        String name = "attention slopes " + heads + " " + groups + " " + width + " " + block;
        Operation slopes = device.operation(name, () -> operation(name, heads, groups, width, block));
        try (DeviceArena room = backend.within("the gradient")) {
            DeviceTensor delta = room.tensor(heads, rows);
            var columns = ColumnLists.of(device, lists, groups, room);
            DeviceTensor sums = columns.sums(width, block, room);
            put(set(slopes.step(0), forward, delta, dOut).put(BlockSparseAttentionBackward.P_DQ, dq)
                    .put(BlockSparseAttentionBackward.P_DQ_STRIDE, dq.extent(1)), lists)
                    .groups(BlockSparseAttentionBackward.groups(rows, block), heads, 1,
                            BlockSparseAttentionBackward.items(block));
            columns.put(set(slopes.step(1), forward, delta, dOut), sums)
                    .groups(columns.most() * BlockSparseAttentionBackward.groups(block, block), 1, 1,
                            BlockSparseAttentionBackward.items(block));
            columns.put(slopes.step(2), rows, sums, dk.at(0), dk.extent(1), dv.at(0), dv.extent(1))
                    .items((long) groups * rows * width);
            device.run(slopes);
        }
    }

    static Step put(Step step, DeviceMask lists) {
        return step.put(BlockSparseAttentionBackward.P_START, lists.startAt())
                .put(BlockSparseAttentionBackward.P_END, lists.endAt().first())
                .put(BlockSparseAttentionBackward.P_INDEX, lists.indexAt());
    }

    private static Step set(Step step, Forward forward, DeviceTensor delta, DeviceTensor dOut) {
        return step.put(BlockSparseAttentionBackward.P_ROWS, forward.rows())
                .put(BlockSparseAttentionBackward.P_Q, forward.q())
                .put(BlockSparseAttentionBackward.P_Q_STRIDE, forward.q().extent(1))
                .put(BlockSparseAttentionBackward.P_K, forward.cache().keys())
                .put(BlockSparseAttentionBackward.P_V, forward.cache().values())
                .put(BlockSparseAttentionBackward.P_KV_STRIDE, forward.cache().capacity())
                .put(BlockSparseAttentionBackward.P_OUT, forward.out())
                .put(BlockSparseAttentionBackward.P_SLOPE, dOut)
                .put(BlockSparseAttentionBackward.P_LSE, forward.logSumExp())
                .put(BlockSparseAttentionBackward.P_LSE_STRIDE, forward.logSumExp().extent(1))
                .put(BlockSparseAttentionBackward.P_DELTA, delta);
    }

    private static Operation operation(String name, int heads, int groups, int width, int block) {
        return new Operation(name)
                .step((graph, id, step) -> graph.task(id, BlockSparseAttentionBackward::queries, new KernelContext(),
                        step.floats(BlockSparseAttentionBackward.P_Q), step.floats(BlockSparseAttentionBackward.P_K),
                        step.floats(BlockSparseAttentionBackward.P_V),
                        step.floats(BlockSparseAttentionBackward.P_OUT),
                        step.floats(BlockSparseAttentionBackward.P_SLOPE),
                        step.floats(BlockSparseAttentionBackward.P_LSE),
                        step.floats(BlockSparseAttentionBackward.P_DELTA),
                        step.floats(BlockSparseAttentionBackward.P_DQ),
                        step.integers(BlockSparseAttentionBackward.P_START),
                        step.integers(BlockSparseAttentionBackward.P_INDEX), step.p(), heads, groups, width, block,
                        1))
                .step((graph, id, step) -> graph.task(id, BlockSparseAttentionBackward::keys, new KernelContext(),
                        step.floats(BlockSparseAttentionBackward.P_Q), step.floats(BlockSparseAttentionBackward.P_K),
                        step.floats(BlockSparseAttentionBackward.P_V),
                        step.floats(BlockSparseAttentionBackward.P_SLOPE),
                        step.floats(BlockSparseAttentionBackward.P_LSE),
                        step.floats(BlockSparseAttentionBackward.P_DELTA),
                        step.floats(BlockSparseAttentionBackward.P_SUMS),
                        step.integers(BlockSparseAttentionBackward.P_PARTS),
                        step.integers(BlockSparseAttentionBackward.P_INDEX), step.p(), heads, groups, width, block))
                .step((graph, id, step) -> graph.task(id, KeySlopes::floats, new KernelContext(),
                        step.floats(KeySlopes.P_SUMS), step.integers(KeySlopes.P_FIRSTS), step.floats(KeySlopes.P_DK),
                        step.floats(KeySlopes.P_DV), step.p(), groups, width, block));
    }
}
