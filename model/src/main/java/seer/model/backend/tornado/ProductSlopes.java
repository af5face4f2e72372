package seer.model.backend.tornado;

import seer.kernels.layer.MatMul;
import seer.kernels.layer.Transpose;
import seer.kernels.layer.WeightSlope;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// The two gradients of a product in fp32: `dx = dy W` by the kernel of the product itself, whose matrix is transposed
/// first, and `dW += dy^T x` by one that reads both operands as they lie.
final class ProductSlopes {
    private final Device device;

    ProductSlopes(Device device) {
        this.device = device;
    }

    /// Floats of [#turn]'s result.
    static long turned(DeviceMatrix w) {
        return (long) w.outputs() * w.inputs();
    }

    /// `W^T` of `[inputs, outputs]`.
    void turn(DeviceMatrix w, Place to) {
        Operation turn = device.operation("turn", () -> transposed(new Operation("turn")));
        set(turn.step(0), w.start(), w.outputs(), w.inputs(), w.outputs(), to);
        device.run(turn);
    }

    /// `dx = dy W`.
    ///
    /// @param dy     `[rows, outputs]`
    /// @param turned what [#turn] made
    /// @param dx     `[rows, inputs]`
    void inputs(Place dy, int rows, DeviceMatrix w, Place turned, Place dx) {
        int outputs = w.outputs();
        int inputs = w.inputs();
        String name = "slope inputs " + outputs + " " + inputs;
        Operation product = device.operation(name, () -> product(new Operation(name), inputs, outputs));
        set(product.step(0), dy, rows, turned, outputs, dx, inputs, false);
        device.run(product);
    }

    /// `dW += dy^T x`.
    ///
    /// @param dy   `[rows, outputs]`
    /// @param x    `[rows, inputs]`
    /// @param room of [SlopeParts#room] floats
    /// @param dW   `[outputs, inputs]`
    void weights(Place dy, int outputs, Place x, int inputs, int rows, Place room, Place dW) {
        var parts = SlopeParts.of(rows, outputs, inputs);
        Operation sum = device.operation("slope weights", () -> SlopeParts.addTo(new Operation("slope weights")
                .step((graph, id, step) -> graph.task(id, WeightSlope::tiled, new KernelContext(),
                        step.floats(WeightSlope.P_DY), step.floats(WeightSlope.P_X), step.floats(WeightSlope.P_DW),
                        step.p()))));
        parts.set(sum.step(0), dy, x, room);
        parts.add(sum.step(1), room, dW);
        device.run(sum);
    }

    private static Operation transposed(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, Transpose::naive, new KernelContext(),
                step.floats(3), step.floats(4), step.p()));
    }

    private static void set(Step step, Place x, int rows, int columns, int padded, Place y) {
        step.put(0, rows).put(1, columns).put(2, padded).put(3, x).put(4, y).items((long) columns * padded);
    }

    private static Operation product(Operation operation, int outputs, int inputs) {
        return operation.step((graph, id, step) -> graph.task(id, MatMul::tiled, new KernelContext(),
                step.floats(MatMul.P_X), step.floats(MatMul.P_W), step.floats(MatMul.P_Y), step.p(), outputs, inputs,
                outputs));
    }

    private static void set(Step step, Place x, int rows, Place w, int inputs, Place y, int outputs, boolean add) {
        step.put(MatMul.P_ROWS, rows).put(MatMul.P_X, x).put(MatMul.P_X_STRIDE, inputs).put(MatMul.P_W, w)
                .put(MatMul.P_Y, y).put(MatMul.P_Y_STRIDE, outputs).put(MatMul.P_Y_GROUP, outputs)
                .put(MatMul.P_ADD, add ? 1 : 0)
                .groups(Math.ceilDiv(outputs, MatMul.TILE), Math.ceilDiv(rows, MatMul.TILE), 1, MatMul.TILE_ITEMS);
    }
}
