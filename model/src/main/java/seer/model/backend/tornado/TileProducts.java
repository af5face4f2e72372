package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.layer.MatMulMma;
import seer.kernels.layer.MatMulWgmma;
import seer.kernels.layer.TileProduct;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileMatrix;
import uk.ac.manchester.tornado.api.KernelContext;

/// Matrix products within operations: rows of tiles against a matrix in tiles, on the tensor cores that there are.
final class TileProducts {
    private final TensorCores cores;

    TileProducts(TensorCores cores) {
        this.cores = cores;
    }

    /// Adds a product whose result is rows of floats.
    ///
    /// @param add whether it is added to what is there
    Operation rows(Operation operation, TileMatrix w, boolean add) {
        int outputs = w.outputs();
        int inputs = w.inputs();
        int more = add ? 1 : 0;
        return operation.step((graph, id, step) -> cores.wgmma()
                ? graph.task(id, MatMulWgmma::rows, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.floats(TileProduct.P_Y), step.p(), outputs, inputs, more)
                : graph.task(id, MatMulMma::rows, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.floats(TileProduct.P_Y), step.p(), outputs, inputs,
                        more));
    }

    /// Adds the stacked projections, whose results are heads in tiles.
    Operation heads(Operation operation, TileMatrix w, int heads, int groups, int width) {
        int inputs = w.inputs();
        return operation.step((graph, id, step) -> cores.wgmma()
                ? graph.task(id, MatMulWgmma::heads, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.floats(TileProduct.P_BIAS),
                        step.integers(TileProduct.P_Y), step.integers(TileProduct.P_K),
                        step.integers(TileProduct.P_V), step.p(), inputs, heads, groups, width)
                : graph.task(id, MatMulMma::heads, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.floats(TileProduct.P_BIAS),
                        step.integers(TileProduct.P_Y), step.integers(TileProduct.P_K),
                        step.integers(TileProduct.P_V), step.p(), inputs, heads, groups, width));
    }

    /// Adds the inner half of a feed-forward block, whose result is in tiles.
    Operation swiglu(Operation operation, TileMatrix gateUp) {
        int outputs = outputs(gateUp);
        int inputs = gateUp.inputs();
        return operation.step((graph, id, step) -> cores.wgmma()
                ? graph.task(id, MatMulWgmma::swiglu, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.integers(TileProduct.P_Y), step.p(), outputs, inputs)
                : graph.task(id, MatMulMma::swiglu, new KernelContext(), step.integers(TileProduct.P_X),
                        step.integers(TileProduct.P_W), step.integers(TileProduct.P_Y), step.p(), outputs, inputs));
    }

    /// Rows of a pair of matrices as they lie in memory: each is filled up to whole tiles.
    static int outputs(TileMatrix gateUp) {
        return 2 * Tiles.along(gateUp.outputs() / 2) * Tiles.EDGE;
    }

    /// Sets what all have in common.
    ///
    /// @param outputs rows of the matrix
    void set(Step step, int rows, Place x, TileMatrix w, int outputs) {
        step.put(TileProduct.P_ROWS, rows).put(TileProduct.P_X, x).put(TileProduct.P_W, w.start());
        if (cores.wgmma()) {
            step.groups(MatMulWgmma.groups(rows, outputs), 1, 1, MatMulWgmma.ITEMS);
        } else {
            step.groups(MatMulMma.groups(rows, outputs), 1, 1, MatMulMma.ITEMS);
        }
    }
}
