package seer.model.backend.tornado;

import seer.kernels.layer.ColumnSum;
import seer.kernels.layer.WeightSlope;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// How tokens are shared out among groups where the gradient of a matrix is added up: into so many parts that a device
/// is full, and then the parts into one. It depends on the shapes alone, so that sums repeat.
///
/// @param span  tokens of a part, a multiple of 64
/// @param parts of the tokens
record SlopeParts(int rows, int outputs, int inputs, int span, int parts) {
    /// Groups that fill a device, and tokens that are worth a part.
    private static final int GROUPS = 264;
    private static final int LEAST = 512;

    /// Numbers of the rows in flight at most: half a GiB, so that a long text of a small model passes at once.
    private static final long ROOM = 1 << 27;

    /// Rows of a slice whose rows take so many floats of room each: whole groups of kernels.
    static int slice(int rows, long floats) {
        return Math.clamp(ROOM / floats / 128 * 128, 128, Math.max(rows, 128));
    }

    static SlopeParts of(int rows, int outputs, int inputs) {
        int wanted = wanted(rows, outputs, inputs);
        int span = Math.ceilDiv(Math.ceilDiv(rows, wanted), 64) * 64;
        return new SlopeParts(rows, outputs, inputs, span, Math.ceilDiv(rows, span));
    }

    /// Parts at most: of fewer rows there are never more.
    private static int wanted(int rows, int outputs, int inputs) {
        int groups = Math.ceilDiv(outputs, WeightSlope.TILE) * Math.ceilDiv(inputs, WeightSlope.TILE);
        return Math.clamp(Math.ceilDiv(GROUPS, groups), 1, Math.ceilDiv(rows, LEAST));
    }

    /// Floats of room that the parts of so many rows, or of fewer, need.
    static long room(int rows, int outputs, int inputs) {
        return (long) wanted(rows, outputs, inputs) * outputs * inputs;
    }

    /// Sets the step that makes the parts.
    ///
    /// @param room for the parts
    void set(Step step, Place dy, Place x, Place room) {
        step.put(WeightSlope.P_ROWS, rows).put(WeightSlope.P_N, outputs).put(WeightSlope.P_K, inputs)
                .put(WeightSlope.P_SPAN, span).put(WeightSlope.P_DY, dy).put(WeightSlope.P_X, x)
                .put(WeightSlope.P_DW, room).put(WeightSlope.P_ADD, 0)
                .groups(Math.ceilDiv(inputs, WeightSlope.TILE), Math.ceilDiv(outputs, WeightSlope.TILE), parts,
                        WeightSlope.ITEMS);
    }

    /// Adds the kernel that adds parts up.
    static Operation addTo(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, ColumnSum::parts, new KernelContext(),
                step.floats(ColumnSum.P_A), step.floats(ColumnSum.P_Y), step.p()));
    }

    /// Sets its step.
    void add(Step step, Place room, Place dW) {
        int all = Math.multiplyExact(outputs, inputs);
        step.put(ColumnSum.P_ROWS, parts).put(ColumnSum.P_C, all).put(ColumnSum.P_SPAN, parts)
                .put(ColumnSum.P_A, room).put(ColumnSum.P_Y, dW).put(ColumnSum.P_ADD, 1).items(all);
    }
}
