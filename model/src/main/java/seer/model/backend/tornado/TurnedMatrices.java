package seer.model.backend.tornado;

import java.util.HashMap;
import java.util.Map;
import seer.kernels.Tiles;
import seer.kernels.layer.TileTurn;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.TileMatrix;
import uk.ac.manchester.tornado.api.KernelContext;

/// Matrices with their axes exchanged, which slopes by rows are products with: turned when they are first asked for,
/// and again when they were changed. They live as long as what they were made of.
final class TurnedMatrices {
    private final Device device;
    private final Map<TileMatrix, TileMatrix> turned = new HashMap<>();

    TurnedMatrices(Device device) {
        this.device = device;
    }

    /// A matrix with its axes exchanged; of a pair, all of the one before all of the other, each filled up to whole
    /// tiles.
    TileMatrix of(TileMatrix w) {
        TileMatrix known = turned.get(w);
        if (known == null) {
            known = room(w);
            turn(w, known.start());
        }
        return known;
    }

    /// Where it stands, for somebody who is going to fill it.
    TileMatrix room(TileMatrix w) {
        TileMatrix known = turned.get(w);
        if (known == null) {
            turned.keySet().removeIf(each -> !each.arena().isOpen());
            Place place = w.arena().integers(TileMatrix.ints(w.inputs(), columns(w)));
            known = new TileMatrix(w.arena(), place, w.inputs(), columns(w), false);
            turned.put(w, known);
        }
        return known;
    }

    /// The matrix has changed.
    void changed(TileMatrix w) {
        TileMatrix known = turned.get(w);
        if (known != null) {
            turn(w, known.start());
        }
    }

    /// Columns of a slope by the results of a matrix, those that fill it up included.
    static int columns(TileMatrix w) {
        return Tiles.EDGE * (w.paired() ? 2 * Tiles.along(w.outputs() / 2) : Tiles.along(w.outputs()));
    }

    private void turn(TileMatrix w, Place to) {
        if (w.paired()) {
            turn(w, w.outputs() / 2, 2, 0, to, 0);
            turn(w, w.outputs() / 2, 2, 1, to, Tiles.along(w.outputs() / 2));
        } else {
            turn(w, w.outputs(), 1, 0, to, 0);
        }
    }

    private void turn(TileMatrix w, int outputs, int every, int shift, Place to, int first) {
        Operation turn = device.operation("tile turn", () -> new Operation("tile turn")
                .step((graph, id, step) -> graph.task(id, TileTurn::pairs, new KernelContext(),
                        step.integers(TileTurn.P_X), step.integers(TileTurn.P_Y), step.p())));
        turn.step(0).put(TileTurn.P_N, outputs).put(TileTurn.P_K, w.inputs()).put(TileTurn.P_EVERY, every)
                .put(TileTurn.P_SHIFT, shift).put(TileTurn.P_X, w.start()).put(TileTurn.P_Y, to)
                .put(TileTurn.P_FIRST, first).put(TileTurn.P_ACROSS, columns(w) / Tiles.EDGE)
                .items(TileTurn.items(outputs, w.inputs()));
        device.run(turn);
    }
}
