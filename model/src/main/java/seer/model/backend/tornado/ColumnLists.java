package seer.model.backend.tornado;

import seer.kernels.attention.TransposedLists;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.Operation;
import uk.ac.manchester.tornado.api.KernelContext;

/// Lists of attention the other way: of each column of key blocks, the rows of query blocks that read it.
final class ColumnLists {
    private ColumnLists() { }

    /// The columns' lists, as those of a mask of `groups` heads.
    static DeviceMask of(Device device, DeviceMask lists, int groups, DeviceArena room) {
        int heads = lists.heads();
        int blocks = lists.rows();
        int columns = groups * blocks;
        String name = "transpose lists " + heads + " " + groups;
        Operation transpose = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, TransposedLists::count, new KernelContext(),
                        step.integers(TransposedLists.P_START), step.integers(TransposedLists.P_INDEX),
                        step.integers(TransposedLists.P_COUNTS), step.p(), heads, groups))
                .step((graph, id, step) -> graph.task(id, TransposedLists::fill, new KernelContext(),
                        step.integers(TransposedLists.P_START), step.integers(TransposedLists.P_INDEX),
                        step.integers(TransposedLists.P_COUNTS), step.integers(TransposedLists.P_PLACES),
                        step.integers(TransposedLists.P_LISTS), step.p(), heads, groups)));
        var turned = DeviceMask.spread(room, groups, lists.block(), 0, blocks,
                Math.max(1, Math.toIntExact(lists.kept())));
        var counts = room.integers(new int[columns]);
        for (int i = 0; i < 2; i++) {
            transpose.step(i).put(TransposedLists.P_BLOCKS, blocks).put(TransposedLists.P_START, lists.startAt())
                    .put(TransposedLists.P_END, lists.endAt().first()).put(TransposedLists.P_INDEX, lists.indexAt())
                    .put(TransposedLists.P_COUNTS, counts).put(TransposedLists.P_PLACES, turned.startAt())
                    .put(TransposedLists.P_LISTS, turned.indexAt()).groups(columns, 1, 1, TransposedLists.GROUP);
        }
        device.run(transpose);
        return turned;
    }
}
