package seer.model.backend.tornado.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import seer.kernels.Move;
import seer.kernels.Tiles;
import seer.kernels.layer.TileMove;
import seer.model.load.DType;
import seer.model.load.WeightTensor;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way into tiles and out of them: rows travel through a small array, a kernel packs them where they belong.
public final class TileStaging {
    private static final int ELEMENTS = 1 << 21;
    /// Where the simulator runs an item for each pair, large pieces gain nothing.
    private static final int SIMULATED = 1 << 14;

    private final Device device;
    private FloatArray floats;
    private IntArray pairs;

    TileStaging(Device device) {
        this.device = device;
    }

    /// Rows of so many columns that travel at once.
    private int rows(int columns) {
        return Math.max(1, (device.simulated() ? SIMULATED : ELEMENTS) / columns);
    }

    private FloatArray floats(int elements) {
        if (floats == null || floats.getSize() < elements) {
            floats = new FloatArray(Math.max(elements, device.simulated() ? SIMULATED : ELEMENTS));
        }
        return floats;
    }

    private IntArray pairs(int ints) {
        if (pairs == null || pairs.getSize() < ints) {
            pairs = new IntArray(Math.max(ints, (device.simulated() ? SIMULATED : ELEMENTS) / 2));
        }
        return pairs;
    }

    private Operation pack(FloatArray from) {
        String name = "pack floats " + from.getSize();
        return device.operation(name, () -> new Operation(name).sends(from).step((graph, id, step) ->
                graph.task(id, TileMove::packFloats, new KernelContext(), from, step.integers(TileMove.P_Y),
                        step.p())));
    }

    private Operation pack(IntArray from) {
        String name = "pack halves " + from.getSize();
        return device.operation(name, () -> new Operation(name).sends(from).step((graph, id, step) ->
                graph.task(id, TileMove::packHalves, new KernelContext(), from, step.integers(TileMove.P_Y),
                        step.p())));
    }

    private void run(Operation operation, int rows, int columns, int row, int every, int shift, Place tiles) {
        operation.step(0).put(TileMove.P_ROWS, rows).put(TileMove.P_C, columns).put(TileMove.P_ROW, row)
                .put(TileMove.P_EVERY, every).put(TileMove.P_SHIFT, shift).put(TileMove.P_Y, tiles)
                .items((long) rows * Tiles.along(columns) * Tiles.ROW);
        device.run(operation);
    }

    /// Writes floats, rounded.
    void write(float[] values, TileTensor to) {
        int columns = to.width();
        int most = rows(columns);
        FloatArray piece = floats(most * columns);
        for (int head = 0; head < to.heads(); head++) {
            for (int row = 0; row < to.rows(); row += most) {
                int count = Math.min(most, to.rows() - row);
                MemorySegment.copy(values, (head * to.rows() + row) * columns, piece.getSegment(),
                        ValueLayout.JAVA_FLOAT, 0, count * columns);
                run(pack(piece), count, columns, row, 1, 0, to.start().plus(head * to.stride()));
            }
        }
    }

    /// Writes weights from their mapped file. Pairs of bf16 travel as they are, other types as floats.
    ///
    /// @param first the row of the matrix that theirs begin with
    /// @param every,shift as of [TileMove]
    void write(WeightTensor weights, Place to, int first, int every, int shift) {
        int columns = weights.shape().getLast();
        int rows = weights.shape().getFirst();
        int most = rows(columns);
        boolean asHalves = weights.type() == DType.BF16 && columns % 2 == 0;
        var values = new float[asHalves ? 0 : most * columns];
        for (int row = 0; row < rows; row += most) {
            int count = Math.min(most, rows - row);
            if (asHalves) {
                IntArray piece = pairs(most * columns / 2);
                weights.readHalves((long) row * columns, count * columns, piece.getSegment());
                run(pack(piece), count, columns, first + row, every, shift, to);
            } else {
                FloatArray piece = floats(most * columns);
                weights.readFinite((long) row * columns, count * columns, values, 0);
                MemorySegment.copy(values, 0, piece.getSegment(), ValueLayout.JAVA_FLOAT, 0, count * columns);
                run(pack(piece), count, columns, first + row, every, shift, to);
            }
        }
    }

    /// Reads all elements, widened.
    float[] read(TileTensor from) {
        int columns = from.width();
        int most = rows(columns);
        FloatArray piece = floats(most * columns);
        String name = "unpack " + piece.getSize();
        Operation unpack = device.operation(name, () -> new Operation(name).fetches(piece).step((graph, id, step) ->
                graph.task(id, TileMove::unpack, new KernelContext(), step.integers(TileMove.P_Y), piece, step.p())));
        var values = new float[from.heads() * from.rows() * columns];
        for (int head = 0; head < from.heads(); head++) {
            for (int row = 0; row < from.rows(); row += most) {
                int count = Math.min(most, from.rows() - row);
                run(unpack, count, columns, row, 1, 0, from.start().plus(head * from.stride()));
                MemorySegment.copy(piece.getSegment(), ValueLayout.JAVA_FLOAT, 0, values,
                        (head * from.rows() + row) * columns, count * columns);
            }
        }
        return values;
    }

    /// Zeroes ints.
    void clear(Place at, long count) {
        Operation clear = device.operation("clear ints", () -> new Operation("clear ints").step((graph, id, step) ->
                graph.task(id, Move::clearInts, new KernelContext(), step.integers(Move.P_TO),
                        step.p())));
        if (count > 0) {
            clear.step(0).put(Move.P_COUNT, Math.toIntExact(count)).put(Move.P_TO, at)
                    .items(count);
            device.run(clear);
        }
    }
}
