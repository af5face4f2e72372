package seer.model.backend.tornado;

import seer.kernels.layer.EmbeddingBackward;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import uk.ac.manchester.tornado.api.KernelContext;

/// The gradient by an embedding table: the host sorts a text's places by their tokens, the device adds.
///
/// @param backend the arena of the whole backend
record EmbeddingSlopes(Device device, DeviceArena backend) {

    void add(int[] tokens, DeviceTensor dx, DeviceTensor dTable) {
        Operation embed = device.operation("embed slope", () -> new Operation("embed slope")
                .step((graph, id, step) -> graph.task(id, EmbeddingBackward::listed, new KernelContext(),
                        step.floats(2), step.integers(0), step.floats(3), step.p())));
        int[] lists = EmbeddingBackward.lists(tokens);
        try (DeviceArena room = backend.within("the tokens' places")) {
            embed.step(0).put(0, room.integers(lists)).put(1, dTable.extent(1)).put(2, dx).put(3, dTable)
                    .groups((lists.length - tokens.length) / EmbeddingBackward.TOKEN,
                            Math.ceilDiv(dTable.extent(1), EmbeddingBackward.COLUMNS), 1, EmbeddingBackward.GROUP);
            device.run(embed);
        }
    }
}
