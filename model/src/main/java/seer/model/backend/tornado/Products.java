package seer.model.backend.tornado;

import seer.kernels.layer.MatMul;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// Matrix products within operations: rows of floats against a matrix.
final class Products {
    /// Rows up to which a group per column is faster than tiles that stay nearly empty.
    private static final int FEW = 4;

    private Products() { }

    static boolean few(int rows) {
        return rows <= FEW;
    }

    /// Adds a product with a matrix of this shape.
    ///
    /// @param few whether it will always be for a few rows
    static Operation add(Operation operation, DeviceMatrix w, boolean few) {
        int outputs = w.outputs();
        int inputs = w.inputs();
        return operation.step((graph, id, step) -> few
                ? graph.task(id, MatMul::few, new KernelContext(), step.floats(MatMul.P_X), step.floats(MatMul.P_W),
                        step.floats(MatMul.P_Y), step.p(), outputs, inputs, outputs)
                : graph.task(id, MatMul::tiled, new KernelContext(), step.floats(MatMul.P_X),
                        step.floats(MatMul.P_W), step.floats(MatMul.P_Y), step.p(), outputs, inputs, outputs));
    }

    /// `y[t] = w x[t]`, or `+=`, for the next run of a step that was added with the same `few`.
    ///
    /// @param x first element of the rows, which lie one after the other
    static void set(Step step, boolean few, int rows, Place x, DeviceMatrix w, Place y, boolean add) {
        step.put(MatMul.P_ROWS, rows).put(MatMul.P_X, x).put(MatMul.P_X_STRIDE, w.inputs())
                .put(MatMul.P_W, w.start()).put(MatMul.P_Y, y).put(MatMul.P_Y_STRIDE, w.outputs())
                .put(MatMul.P_Y_GROUP, w.outputs()).put(MatMul.P_ADD, add ? 1 : 0);
        if (few) {
            step.groups(w.outputs(), 1, 1, MatMul.FEW_ITEMS);
        } else {
            step.groups(Math.ceilDiv(w.outputs(), MatMul.TILE), Math.ceilDiv(rows, MatMul.TILE), 1,
                    MatMul.TILE_ITEMS);
        }
    }
}
