package seer.model.backend.tornado;

import seer.kernels.attention.BlockSparseAttentionBackward;
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
            DeviceMask columns = ColumnLists.of(device, lists, groups, room);
            for (int i = 0; i < 2; i++) {
                set(slopes.step(i), forward, delta, dOut, dq, dk, dv);
            }
            put(slopes.step(0), lists).groups(BlockSparseAttentionBackward.groups(rows, block), heads, 1,
                    BlockSparseAttentionBackward.items(block));
            put(slopes.step(1), columns).groups(BlockSparseAttentionBackward.groups(rows, block), groups, 1,
                    BlockSparseAttentionBackward.items(block));
            device.run(slopes);
        }
    }

    static Step put(Step step, DeviceMask lists) {
        return step.put(BlockSparseAttentionBackward.P_START, lists.startAt())
                .put(BlockSparseAttentionBackward.P_END, lists.endAt().first())
                .put(BlockSparseAttentionBackward.P_INDEX, lists.indexAt());
    }

    private static void set(Step step, Forward forward, DeviceTensor delta, DeviceTensor dOut, DeviceTensor dq,
                            DeviceTensor dk, DeviceTensor dv) {
        step.put(BlockSparseAttentionBackward.P_ROWS, forward.rows())
                .put(BlockSparseAttentionBackward.P_Q, forward.q())
                .put(BlockSparseAttentionBackward.P_Q_STRIDE, forward.q().extent(1))
                .put(BlockSparseAttentionBackward.P_K, forward.cache().keys())
                .put(BlockSparseAttentionBackward.P_V, forward.cache().values())
                .put(BlockSparseAttentionBackward.P_KV_STRIDE, forward.cache().capacity())
                .put(BlockSparseAttentionBackward.P_OUT, forward.out())
                .put(BlockSparseAttentionBackward.P_SLOPE, dOut)
                .put(BlockSparseAttentionBackward.P_LSE, forward.logSumExp())
                .put(BlockSparseAttentionBackward.P_LSE_STRIDE, forward.logSumExp().extent(1))
                .put(BlockSparseAttentionBackward.P_DELTA, delta).put(BlockSparseAttentionBackward.P_DQ, dq)
                .put(BlockSparseAttentionBackward.P_DQ_STRIDE, dq.extent(1))
                .put(BlockSparseAttentionBackward.P_DK, dk).put(BlockSparseAttentionBackward.P_DV, dv)
                .put(BlockSparseAttentionBackward.P_DK_STRIDE, dk.extent(1))
                .put(BlockSparseAttentionBackward.P_DV_STRIDE, dv.extent(1));
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
                        step.floats(BlockSparseAttentionBackward.P_DK),
                        step.floats(BlockSparseAttentionBackward.P_DV),
                        step.integers(BlockSparseAttentionBackward.P_START),
                        step.integers(BlockSparseAttentionBackward.P_INDEX), step.p(), heads, groups, width, block,
                        1));
    }
}
