package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.layer.TileMove;
import seer.kernels.layer.TileProduct;
import seer.kernels.layer.WeightSlope;
import seer.kernels.layer.WeightSlopeMma;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.TileMatrix;
import uk.ac.manchester.tornado.api.KernelContext;

/// Products and their two gradients on tensor cores: operands in tiles of bf16, sums in fp32.
///
/// ```text
///   dx = dy W:        the product's own kernel, with W turned (TurnedMatrices)
///   dW += dy^T x:     a kernel that reads tiles transposed
/// ```
record TileProductSlopes(Device device, Rungs rungs) {

    /// `y = w x`, rows of floats; of a pair, 64 columns of each in turns.
    ///
    /// @param x in tiles
    void rows(Place x, int rows, TileMatrix w, Place y) {
        TileMatrix plain = w.paired()
                ? new TileMatrix(w.arena(), w.start(), TurnedMatrices.columns(w), w.inputs(), false) : w;
        var product = TileProducts.rows(rungs, plain, rows, false);
        String name = "once more, " + product.key();
        Operation once = device.operation(name, () -> product.addTo(new Operation(name)));
        product.set(once.step(0), rows, x);
        once.step(0).put(TileProduct.P_Y, y);
        device.run(once);
    }

    /// The same into tiles: a single head, as wide as the tiles that there are results for.
    void tiles(Place x, int rows, TileMatrix w, Place y) {
        var product = TileProducts.heads(rungs, w, rows, 1, 0, Tiles.along(w.outputs()) * Tiles.EDGE);
        String name = "once more, " + product.key();
        Operation once = device.operation(name, () -> product.addTo(new Operation(name)));
        product.set(once.step(0), rows, x);
        once.step(0).put(TileProduct.P_Y, y).put(TileProduct.P_K, y).put(TileProduct.P_V, y)
                .put(TileProduct.P_TILES, Tiles.along(rows)).put(TileProduct.P_V_TILES, 0).put(TileProduct.P_FIRST, 0)
                .put(TileProduct.P_BIAS, -1);
        device.run(once);
    }

    /// `dW += dy^T x`.
    ///
    /// @param dy      its first int
    /// @param dyTiles that a row of its tiles has
    /// @param outputs of its columns
    /// @param x       `[rows, inputs]` in tiles
    /// @param room    of [SlopeParts#room] floats
    void weights(Place dy, int dyTiles, int outputs, Place x, int inputs, int rows, Place room, Place dW) {
        var parts = SlopeParts.of(rows, outputs, inputs);
        Operation sum = device.operation("tile slope weights", () -> SlopeParts.addTo(
                new Operation("tile slope weights").step((graph, id, step) ->
                        graph.task(id, WeightSlopeMma::tiles, new KernelContext(), step.integers(WeightSlope.P_DY),
                                step.integers(WeightSlope.P_X), step.floats(WeightSlope.P_DW), step.p()))));
        parts.set(sum.step(0), dy, x, room);
        sum.step(0).put(WeightSlopeMma.P_DY_TILES, dyTiles).put(WeightSlopeMma.P_X_TILES, Tiles.along(inputs));
        parts.add(sum.step(1), room, dW);
        device.run(sum);
    }

    /// Rows of floats into whole tiles.
    void pack(Place x, int rows, int columns, Place tiles) {
        Operation pack = device.operation("pack rows", () -> new Operation("pack rows")
                .step((graph, id, step) -> graph.task(id, TileMove::packRows, new KernelContext(),
                        step.floats(TileMove.P_AT), step.integers(TileMove.P_Y), step.p())));
        pack.step(0).put(TileMove.P_ROWS, rows).put(TileMove.P_C, columns).put(TileMove.P_AT, x)
                .put(TileMove.P_Y, tiles).items((long) Tiles.along(rows) * Tiles.along(columns) * Tiles.INTS);
        device.run(pack);
    }

    /// Rows of tiles into floats.
    void unpack(Place tiles, int rows, int columns, Place x) {
        Operation unpack = device.operation("unpack rows", () -> new Operation("unpack rows")
                .step((graph, id, step) -> graph.task(id, TileMove::unpack, new KernelContext(),
                        step.integers(TileMove.P_Y), step.floats(TileMove.P_AT), step.p())));
        unpack.step(0).put(TileMove.P_ROWS, rows).put(TileMove.P_C, columns).put(TileMove.P_ROW, 0)
                .put(TileMove.P_EVERY, 1).put(TileMove.P_SHIFT, 0).put(TileMove.P_AT, x).put(TileMove.P_Y, tiles)
                .items((long) rows * Tiles.along(columns) * Tiles.ROW);
        device.run(unpack);
    }

    /// Rows of floats into a matrix, or into every so-many-th of its rows of tiles.
    void pack(Place x, int rows, int columns, int every, int shift, Place tiles) {
        Operation pack = device.operation("pack weights", () -> new Operation("pack weights")
                .step((graph, id, step) -> graph.task(id, TileMove::packFloats, new KernelContext(),
                        step.floats(TileMove.P_AT), step.integers(TileMove.P_Y), step.p())));
        pack.step(0).put(TileMove.P_ROWS, rows).put(TileMove.P_C, columns).put(TileMove.P_ROW, 0)
                .put(TileMove.P_EVERY, every).put(TileMove.P_SHIFT, shift).put(TileMove.P_AT, x)
                .put(TileMove.P_Y, tiles).items((long) rows * Tiles.along(columns) * Tiles.ROW);
        device.run(pack);
    }
}
