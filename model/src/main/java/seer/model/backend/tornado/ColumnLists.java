package seer.model.backend.tornado;

import seer.kernels.attention.BlockSparseAttentionBackward;
import seer.kernels.attention.KeySlopes;
import seer.kernels.attention.TransposedLists;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// Lists of attention the other way: of each column of key blocks, the rows of query blocks that read it, cut into
/// parts of about the mean length, so that groups have about the same to do. There are at most twice as many parts as
/// columns, or a few more where lists are short: what they leave is linear in the length.
///
/// @param most   parts at most
/// @param rows   what the parts' places count from
/// @param firsts each column's first part
record ColumnLists(int most, Place rows, Place parts, Place firsts) {
    /// Rows of a part at least.
    private static final int LEAST = 64;

    /// @param groups heads of keys
    static ColumnLists of(Device device, DeviceMask lists, int groups, DeviceArena room) {
        int heads = lists.heads();
        int blocks = lists.rows();
        int columns = groups * blocks;
        int kept = Math.toIntExact(lists.most());
        int length = Math.max(LEAST, kept / columns);
        int most = TransposedLists.most(columns, kept, length);
        String name = "transpose lists " + heads + " " + groups;
        Operation transpose = device.operation(name, () -> operation(name, heads, groups));
        Place places = room.integers(2L * columns);
        Place counts = room.integers((long) columns);
        var columnLists = new ColumnLists(most, room.integers((long) Math.max(1, kept)),
                room.integers((long) most * TransposedLists.PART), room.integers(columns + 1L));
        for (int i = 0; i < 3; i++) {
            transpose.step(i).put(TransposedLists.P_BLOCKS, blocks).put(TransposedLists.P_START, lists.startAt())
                    .put(TransposedLists.P_END, lists.endAt().first()).put(TransposedLists.P_INDEX, lists.indexAt())
                    .put(TransposedLists.P_COUNTS, counts).put(TransposedLists.P_PLACES, places)
                    .put(TransposedLists.P_LISTS, columnLists.rows()).put(TransposedLists.P_PARTS, columnLists.parts())
                    .put(TransposedLists.P_FIRSTS, columnLists.firsts()).put(TransposedLists.P_LENGTH, length)
                    .put(TransposedLists.P_MOST, most).groups(columns, 1, 1, TransposedLists.GROUP);
        }
        device.run(transpose);
        return columnLists;
    }

    private static Operation operation(String name, int heads, int groups) {
        return new Operation(name)
                .step((graph, id, step) -> graph.task(id, TransposedLists::count, new KernelContext(),
                        step.integers(TransposedLists.P_START), step.integers(TransposedLists.P_INDEX),
                        step.integers(TransposedLists.P_COUNTS), step.p(), heads, groups))
                .step((graph, id, step) -> graph.task(id, TransposedLists::fill, new KernelContext(),
                        step.integers(TransposedLists.P_START), step.integers(TransposedLists.P_INDEX),
                        step.integers(TransposedLists.P_COUNTS), step.integers(TransposedLists.P_PLACES),
                        step.integers(TransposedLists.P_LISTS), step.p(), heads, groups))
                .step((graph, id, step) -> graph.task(id, TransposedLists::split, new KernelContext(),
                        step.integers(TransposedLists.P_PLACES), step.integers(TransposedLists.P_PARTS),
                        step.integers(TransposedLists.P_FIRSTS), step.p(), heads, groups));
    }

    /// Tells a step of attention's gradient the parts, and where their sums go.
    Step put(Step step, DeviceTensor sums) {
        return step.put(BlockSparseAttentionBackward.P_INDEX, rows).put(BlockSparseAttentionBackward.P_PARTS, parts)
                .put(BlockSparseAttentionBackward.P_SUMS, sums);
    }

    /// Tells the step that adds sums up.
    Step put(Step step, int tokens, DeviceTensor sums, Place dk, int dkStride, Place dv, int dvStride) {
        return step.put(KeySlopes.P_ROWS, tokens).put(KeySlopes.P_SUMS, sums).put(KeySlopes.P_FIRSTS, firsts)
                .put(KeySlopes.P_DK, dk).put(KeySlopes.P_DK_STRIDE, dkStride).put(KeySlopes.P_DV, dv)
                .put(KeySlopes.P_DV_STRIDE, dvStride);
    }

    /// Room for the parts' sums.
    DeviceTensor sums(int width, int block, DeviceArena room) {
        return room.tensor(most, KeySlopes.size(width, block));
    }
}
