package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.layer.TileProduct;
import seer.model.backend.tornado.Work.InTiles;
import seer.model.backend.tornado.Work.TileHeads;
import seer.model.backend.tornado.Work.TilePair;
import seer.model.backend.tornado.Work.TileRows;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileMatrix;

/// A matrix product within an operation: rows of tiles against a matrix in tiles, by the kernel that fits.
record TileProducts<W extends InTiles<W>>(Rung<W> rung, W work, TileMatrix w) {

    /// One whose result is rows of floats.
    ///
    /// @param add whether it is added to what is there
    static TileProducts<TileRows> rows(Rungs rungs, TileMatrix w, int rows, boolean add) {
        var work = new TileRows(rows, w.outputs(), w.inputs(), add);
        return new TileProducts<>(rungs.take(work), work, w);
    }

    /// The stacked projections, whose results are heads in tiles.
    static TileProducts<TileHeads> heads(Rungs rungs, TileMatrix w, int rows, int heads, int groups, int width) {
        var work = new TileHeads(rows, w.inputs(), heads, groups, width);
        return new TileProducts<>(rungs.take(work), work, w);
    }

    /// The inner half of a feed-forward block, whose result is in tiles. Each matrix of the pair is filled up to whole
    /// tiles.
    static TileProducts<TilePair> swiglu(Rungs rungs, TileMatrix gateUp, int rows) {
        int outputs = 2 * Tiles.along(gateUp.outputs() / 2) * Tiles.EDGE;
        var work = new TilePair(rows, outputs, gateUp.inputs());
        return new TileProducts<>(rungs.take(work), work, gateUp);
    }

    /// What an operation of it is called.
    String key() {
        return rung.key(work);
    }

    Operation addTo(Operation operation) {
        return rung.addTo(operation, work);
    }

    /// Sets rows and operands; the result's place is the caller's.
    void set(Step step, int rows, Place x) {
        step.put(TileProduct.P_ROWS, rows).put(TileProduct.P_X, x).put(TileProduct.P_W, w.start());
        rung.launch().set(step, work.of(rows));
    }
}
