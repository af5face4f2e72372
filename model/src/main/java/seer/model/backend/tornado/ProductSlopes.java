package seer.model.backend.tornado;

import seer.kernels.layer.MatMul;
import seer.kernels.layer.Transpose;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// The two gradients of a product, `dx = dy W` and `dW += dy^T x`, by the kernel of the product itself, whose operands
/// are transposed first.
///
/// A kernel is compiled for the length that it adds along. So rows are added up in slices of one of two lengths, filled
/// up with zeros, whatever the length of the text.
final class ProductSlopes {
    private static final int SHORT = 128;
    private static final int LONG = 1024;

    private final Device device;

    ProductSlopes(Device device) {
        this.device = device;
    }

    /// Rows of a slice.
    static int slice(int rows) {
        return rows <= SHORT ? SHORT : LONG;
    }

    /// Floats of [#turn]'s result.
    static long turned(DeviceMatrix w) {
        return (long) w.outputs() * w.inputs();
    }

    /// Floats of room that [#weights] needs for a slice.
    static long room(int slice, int outputs, int inputs) {
        return (long) slice * (outputs + inputs);
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

    /// `dW += dy^T x` for at most a slice of rows.
    ///
    /// @param dy   `[rows, outputs]`
    /// @param x    `[rows, inputs]`
    /// @param room of [#room] floats
    /// @param dW   `[outputs, inputs]`
    void weights(Place dy, int outputs, Place x, int inputs, int rows, int slice, Place room, Place dW) {
        String name = "slope weights " + outputs + " " + inputs + " " + slice;
        Operation sum = device.operation(name,
                () -> product(transposed(transposed(new Operation(name))), inputs, slice));
        Place second = room.plus(slice * outputs);
        set(sum.step(0), dy, rows, outputs, slice, room);
        set(sum.step(1), x, rows, inputs, slice, second);
        set(sum.step(2), room, outputs, second, slice, dW, inputs, true);
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
