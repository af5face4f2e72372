package seer.model.backend.tornado;

import seer.kernels.layer.ColumnSum;
import seer.kernels.layer.RmsNorm;
import seer.kernels.layer.RmsNormBackward;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import uk.ac.manchester.tornado.api.KernelContext;

/// Norms and their gradients, and sums of columns, of some rows at a time.
final class NormSlopes {
    /// Rows that one item adds up.
    private static final int SPAN = 64;

    private final Device device;

    NormSlopes(Device device) {
        this.device = device;
    }

    /// Floats of room that rows of this width need.
    static long room(int rows, int width) {
        return rows + (long) Math.ceilDiv(rows, SPAN) * width;
    }

    /// `y = norm(x)`.
    void apply(Place x, int rows, int width, DeviceTensor weight, double epsilon, Place y) {
        Operation norm = device.operation("norm", () -> new Operation("norm").scaled((graph, id, step) ->
                graph.task(id, RmsNorm::grouped, new KernelContext(), step.floats(2), step.floats(3), step.floats(4),
                        step.p(), step.f())));
        norm.step(0).put(0, rows).put(1, width).put(2, x).put(3, weight).put(4, y).floats(epsilon, 0)
                .groups(rows, 1, 1, RmsNorm.GROUP);
        device.run(norm);
    }

    /// From normed rows to rows, `dx = ...` or `dx += ...`, and to the weights.
    ///
    /// @param room  of [#room] floats
    /// @param dNorm `[width]` or null
    void back(Place x, int rows, int width, DeviceTensor weight, double epsilon, Place dy, Place dx, boolean add,
              Place room, DeviceTensor dNorm) {
        Operation back = device.operation("norm slope", () -> new Operation("norm slope").scaled((graph, id, step) ->
                graph.task(id, RmsNormBackward::grouped, new KernelContext(), step.floats(RmsNormBackward.P_X),
                        step.floats(RmsNormBackward.P_WEIGHT), step.floats(RmsNormBackward.P_DY),
                        step.floats(RmsNormBackward.P_DX), step.floats(RmsNormBackward.P_FACTORS), step.p(),
                        step.f())));
        back.step(0).put(RmsNormBackward.P_C, width).put(RmsNormBackward.P_X, x)
                .put(RmsNormBackward.P_WEIGHT, weight).put(RmsNormBackward.P_DY, dy).put(RmsNormBackward.P_DX, dx)
                .put(RmsNormBackward.P_FACTORS, room).put(RmsNormBackward.P_ADD, add ? 1 : 0).floats(epsilon, 0)
                .groups(rows, 1, 1, RmsNormBackward.GROUP);
        device.run(back);
        if (dNorm != null) {
            Operation sums = sums("weighted");
            sums.step(0).put(ColumnSum.P_X, x).put(ColumnSum.P_FACTORS, room);
            run(sums, dy, rows, width, room.plus(rows), dNorm);
        }
    }

    /// `y += sum over rows of a`.
    ///
    /// @param room of [#room] floats
    void sum(Place a, int rows, int width, Place room, DeviceTensor y) {
        Operation sums = sums("plain");
        sums.step(0).put(ColumnSum.P_X, -1).put(ColumnSum.P_FACTORS, -1);
        run(sums, a, rows, width, room.plus(rows), y);
    }

    private Operation sums(String kind) {
        String name = "column sums " + kind;
        return device.operation(name, () -> columns(columns(new Operation(name))));
    }

    private static Operation columns(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, ColumnSum::parts, new KernelContext(),
                step.floats(ColumnSum.P_A), step.floats(ColumnSum.P_X), step.floats(ColumnSum.P_FACTORS),
                step.floats(ColumnSum.P_Y), step.p()));
    }

    /// Parts first, then their sum. What the first step multiplies with is set already.
    private void run(Operation sums, Place a, int rows, int width, Place parts, DeviceTensor y) {
        int count = Math.ceilDiv(rows, SPAN);
        sums.step(0).put(ColumnSum.P_ROWS, rows).put(ColumnSum.P_C, width).put(ColumnSum.P_SPAN, SPAN)
                .put(ColumnSum.P_A, a).put(ColumnSum.P_Y, parts).put(ColumnSum.P_ADD, 0)
                .groups(Math.ceilDiv(width, 64), count, 1, 64);
        sums.step(1).put(ColumnSum.P_ROWS, count).put(ColumnSum.P_C, width).put(ColumnSum.P_SPAN, count)
                .put(ColumnSum.P_A, parts).put(ColumnSum.P_X, -1).put(ColumnSum.P_FACTORS, -1)
                .put(ColumnSum.P_Y, y).put(ColumnSum.P_ADD, 1).groups(Math.ceilDiv(width, 64), 1, 1, 64);
        device.run(sums);
    }
}
