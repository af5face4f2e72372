package seer.model.backend.tornado;

import seer.kernels.Move;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import uk.ac.manchester.tornado.api.KernelContext;

/// Copies from place to place of a device.
record FloatMoves(Device device) {

    void copy(Place from, Place to, int count) {
        Operation move = device.operation("copy rows", () -> new Operation("copy rows")
                .step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(), step.floats(Move.P_FROM),
                        step.floats(Move.P_TO), step.p())));
        if (count > 0) {
            move.step(0).put(Move.P_COUNT, count).put(Move.P_FROM, from).put(Move.P_TO, to).items(count);
            device.run(move);
        }
    }
}
