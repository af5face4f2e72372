package seer.model.backend.tornado;

import seer.kernels.layer.MatMul;
import seer.model.backend.tornado.Work.Product;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;

/// Products with one matrix within an operation, by the kernel that fits the rows that pass in all.
record Products(DeviceMatrix w, Rung<Product> rung, Product work) {

    static Products of(Rungs rungs, DeviceMatrix w, int rows) {
        var work = new Product(rows, w.outputs(), w.inputs(), w.type());
        return new Products(w, rungs.take(work), work);
    }

    /// Names its kernel and shape.
    String key() {
        return rung.key(work);
    }

    /// Adds the product to an operation.
    Operation addTo(Operation operation) {
        return rung.addTo(operation, work);
    }

    /// `y[t] = w x[t]`, or `+=`, of `rows` rows in the next run of its step.
    ///
    /// @param x first element of the rows, which lie one after the other
    void set(Step step, int rows, Place x, Place y, boolean add) {
        step.put(MatMul.P_ROWS, rows).put(MatMul.P_X, x).put(MatMul.P_X_STRIDE, w.inputs())
                .put(MatMul.P_W, w.start()).put(MatMul.P_Y, y).put(MatMul.P_Y_STRIDE, w.outputs())
                .put(MatMul.P_Y_GROUP, w.outputs()).put(MatMul.P_ADD, add ? 1 : 0);
        rung.launch().set(step, work.of(rows));
    }
}
