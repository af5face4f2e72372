package seer.model.backend.tornado;

import seer.kernels.layer.MatMul;
import uk.ac.manchester.tornado.api.KernelContext;

/// Matrix products within operations: rows of the tensor buffer against a matrix of the weight buffer.
record Products(Device device) {
    /// Rows up to which a group per column is faster than tiles that stay nearly empty.
    private static final int FEW = 4;

    static boolean few(int rows) {
        return rows <= FEW;
    }

    /// Adds a product with a matrix of this shape.
    ///
    /// @param few whether it will always be for a few rows
    Operation add(Operation operation, DeviceMatrix w, boolean few) {
        int outputs = w.outputs();
        int inputs = w.inputs();
        return operation.step((graph, id, step) -> few
                ? graph.task(id, MatMul::few, new KernelContext(), device.tensors().array(),
                        device.weights().array(), device.tensors().array(), step.p(), outputs, inputs, outputs)
                : graph.task(id, MatMul::tiled, new KernelContext(), device.tensors().array(),
                        device.weights().array(), device.tensors().array(), step.p(), outputs, inputs, outputs));
    }

    /// `y[t] = w x[t]`, or `+=`, for the next run of a step that was added with the same `few`.
    ///
    /// @param x first element of the rows, which lie one after the other
    static void set(Step step, boolean few, int rows, int x, DeviceMatrix w, int y, boolean add) {
        step.put(MatMul.P_ROWS, rows).put(MatMul.P_X, x).put(MatMul.P_X_STRIDE, w.inputs())
                .put(MatMul.P_W, w.offset()).put(MatMul.P_Y, y).put(MatMul.P_Y_STRIDE, w.outputs())
                .put(MatMul.P_Y_GROUP, w.outputs()).put(MatMul.P_ADD, add ? 1 : 0);
        if (few) {
            step.groups(w.outputs(), 1, 1, MatMul.FEW_ITEMS);
        } else {
            step.groups(Math.ceilDiv(w.outputs(), MatMul.TILE), Math.ceilDiv(rows, MatMul.TILE), 1,
                    MatMul.TILE_ITEMS);
        }
    }
}
