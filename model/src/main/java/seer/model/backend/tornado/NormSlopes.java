package seer.model.backend.tornado;

import seer.kernels.layer.ColumnSum;
import seer.kernels.layer.RmsNorm;
import seer.kernels.layer.RmsNormBackward;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// Norms and their gradients, and sums of columns, of some rows at a time.
final class NormSlopes {
    /// Rows that are added up to a part.
    private static final int SPAN = RmsNormBackward.STRIP;

    private final Device device;

    NormSlopes(Device device) {
        this.device = device;
    }

    /// Floats of room that rows of this width need.
    static long room(int rows, int width) {
        return (long) Math.ceilDiv(rows, SPAN) * width;
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
        String name = dNorm == null ? "norm slope" : "norm slopes";
        Operation back = device.operation(name, () -> dNorm == null ? strips(new Operation(name))
                : total(strips(new Operation(name))));
        Step step = back.step(0).put(RmsNormBackward.P_C, width).put(RmsNormBackward.P_ROWS, rows)
                .put(RmsNormBackward.P_X, x).put(RmsNormBackward.P_WEIGHT, weight).put(RmsNormBackward.P_DY, dy)
                .put(RmsNormBackward.P_DX, dx).put(RmsNormBackward.P_PARTS, room)
                .put(RmsNormBackward.P_ADD, add ? 1 : 0).floats(epsilon, 0);
        step.groups(Math.ceilDiv(rows, SPAN), 1, 1, RmsNormBackward.GROUP);
        if (dNorm == null) {
            step.put(RmsNormBackward.P_PARTS, -1);
        } else {
            set(back.step(1), rows, width, room, dNorm);
        }
        device.run(back);
    }

    private static Operation strips(Operation operation) {
        return operation.scaled((graph, id, step) -> graph.task(id, RmsNormBackward::strips, new KernelContext(),
                step.floats(RmsNormBackward.P_X), step.floats(RmsNormBackward.P_WEIGHT),
                step.floats(RmsNormBackward.P_DY), step.floats(RmsNormBackward.P_DX),
                step.floats(RmsNormBackward.P_PARTS), step.p(), step.f()));
    }

    private static Operation total(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, ColumnSum::total, new KernelContext(),
                step.floats(ColumnSum.P_A), step.floats(ColumnSum.P_Y), step.p()));
    }

    /// The step that adds the parts of so many rows up.
    private static void set(Step step, int rows, int width, Place parts, DeviceTensor y) {
        step.put(ColumnSum.P_ROWS, Math.ceilDiv(rows, SPAN)).put(ColumnSum.P_C, width).put(ColumnSum.P_A, parts)
                .put(ColumnSum.P_Y, y).groups(Math.ceilDiv(width, ColumnSum.COLUMNS), 1, 1, ColumnSum.GROUP);
    }

    /// `y += sum over rows of a`.
    ///
    /// @param room of [#room] floats
    void sum(Place a, int rows, int width, Place room, DeviceTensor y) {
        Operation sums = device.operation("column sums", () -> total(SlopeParts.addTo(new Operation("column sums"))));
        sums.step(0).put(ColumnSum.P_ROWS, rows).put(ColumnSum.P_C, width).put(ColumnSum.P_SPAN, SPAN)
                .put(ColumnSum.P_A, a).put(ColumnSum.P_Y, room).put(ColumnSum.P_ADD, 0)
                .groups(Math.ceilDiv(width, 64), Math.ceilDiv(rows, SPAN), 1, 64);
        set(sums.step(1), rows, width, room, y);
        device.run(sums);
    }
}
