package seer.model.backend.tornado.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import seer.kernels.Move;
import seer.model.load.DType;
import seer.model.load.WeightTensor;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/// The way into banks and out of them: a small array travels, a kernel copies it to its place or from there. Nothing
/// longer than that is ever held on the host.
///
/// A whole array travels each time, so there are three sizes of each; what is sent takes the smallest that it fits.
public final class Staging {
    private static final int[] SIZES = {1 << 12, 1 << 16, 1 << 21};
    /// Where the simulator runs an item for each element, large pieces gain nothing.
    private static final int[] SIMULATED = {1 << 12, 1 << 16};

    private final Device device;
    private final FloatArray[] floats;
    private final IntArray[] integers;
    private final ShortArray[] halves;

    Staging(Device device) {
        this.device = device;
        int sizes = sizes().length;
        floats = new FloatArray[sizes];
        integers = new IntArray[sizes];
        halves = new ShortArray[sizes];
    }

    private int[] sizes() {
        return device.simulated() ? SIMULATED : SIZES;
    }

    /// The smallest array that holds so many elements, or the largest there is.
    private int lane(long count) {
        int lane = 0;
        while (lane < sizes().length - 1 && sizes()[lane] < count) {
            lane++;
        }
        return lane;
    }

    private FloatArray floats(int lane) {
        if (floats[lane] == null) {
            floats[lane] = new FloatArray(sizes()[lane]);
        }
        return floats[lane];
    }

    private IntArray integers(int lane) {
        if (integers[lane] == null) {
            integers[lane] = new IntArray(sizes()[lane]);
        }
        return integers[lane];
    }

    private ShortArray halves(int lane) {
        if (halves[lane] == null) {
            halves[lane] = new ShortArray(sizes()[lane]);
        }
        return halves[lane];
    }

    /// One piece of something that travels.
    private interface Piece {
        /// @param from  first element of the whole
        /// @param count elements
        void move(int from, int count);
    }

    private void pieces(int lane, int count, Piece piece) {
        for (int from = 0; from < count; from += sizes()[lane]) {
            piece.move(from, Math.min(sizes()[lane], count - from));
        }
    }

    /// Writes floats.
    public void write(float[] values, Place to) {
        int lane = lane(values.length);
        Operation write = writeFloats(lane);
        pieces(lane, values.length, (from, count) -> {
            MemorySegment.copy(values, from, floats(lane).getSegment(), ValueLayout.JAVA_FLOAT, 0, count);
            send(write, count, to.plus(from));
        });
    }

    private Operation writeFloats(int lane) {
        return device.operation("write floats " + lane, () -> new Operation("write floats " + lane)
                .sends(floats(lane)).step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(),
                        floats(lane), step.floats(Move.P_TO), step.p())));
    }

    private void send(Operation write, int count, Place to) {
        write.step(0).put(Move.P_COUNT, count).put(Move.P_FROM, 0).put(Move.P_TO, to).items(count);
        device.run(write);
    }

    /// Writes integers.
    void write(int[] values, Place to) {
        int lane = lane(values.length);
        Operation write = device.operation("write integers " + lane, () -> new Operation("write integers " + lane)
                .sends(integers(lane)).step((graph, id, step) -> graph.task(id, Move::copyInts, new KernelContext(),
                        integers(lane), step.integers(Move.P_TO), step.p())));
        pieces(lane, values.length, (from, count) -> {
            MemorySegment.copy(values, from, integers(lane).getSegment(), ValueLayout.JAVA_INT, 0, count);
            send(write, count, to.plus(from));
        });
    }

    /// Writes weights from their mapped file, piece by piece. Halves of floats travel as they are and are widened
    /// on the device; other types are widened on the way.
    void write(WeightTensor weights, Place to) {
        int size = Math.toIntExact(weights.size());
        int lane = lane(size);
        if (weights.type() != DType.BF16) {
            Operation write = writeFloats(lane);
            var piece = new float[Math.min(size, sizes()[lane])];
            pieces(lane, size, (from, count) -> {
                weights.readFinite(from, count, piece, 0);
                MemorySegment.copy(piece, 0, floats(lane).getSegment(), ValueLayout.JAVA_FLOAT, 0, count);
                send(write, count, to.plus(from));
            });
            return;
        }
        Operation write = widen(lane);
        pieces(lane, size, (from, count) -> {
            weights.readHalves(from, count, halves(lane).getSegment());
            send(write, count, to.plus(from));
        });
    }

    private Operation widen(int lane) {
        return device.operation("widen halves " + lane, () -> new Operation("widen halves " + lane)
                .sends(halves(lane)).step((graph, id, step) -> graph.task(id, Move::widen, new KernelContext(),
                        halves(lane), step.bits(Move.P_TO), step.p())));
    }

    /// Zeroes floats.
    public void clear(Place at, int count) {
        Operation clear = device.operation("clear", () -> new Operation("clear").step((graph, id, step) ->
                graph.task(id, Move::clear, new KernelContext(), step.floats(Move.P_TO), step.p())));
        if (count > 0) {
            send(clear, count, at);
        }
    }

    /// Reads floats.
    public float[] read(Place from, int count) {
        int lane = lane(count);
        Operation read = device.operation("read floats " + lane, () -> new Operation("read floats " + lane)
                .fetches(floats(lane)).step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(),
                        step.floats(Move.P_FROM), floats(lane), step.p())));
        var values = new float[count];
        pieces(lane, count, (at, some) -> {
            fetch(read, some, from.plus(at));
            MemorySegment.copy(floats(lane).getSegment(), ValueLayout.JAVA_FLOAT, 0, values, at, some);
        });
        return values;
    }

    private void fetch(Operation read, int count, Place from) {
        read.step(0).put(Move.P_COUNT, count).put(Move.P_TO, 0).put(Move.P_FROM, from).items(count);
        device.run(read);
    }

    /// Reads integers.
    int[] readIntegers(Place from, int count) {
        int lane = lane(count);
        Operation read = device.operation("read integers " + lane, () -> new Operation("read integers " + lane)
                .fetches(integers(lane)).step((graph, id, step) -> graph.task(id, Move::copyInts,
                        new KernelContext(), step.integers(Move.P_FROM), integers(lane), step.p())));
        var values = new int[count];
        pieces(lane, count, (at, some) -> {
            fetch(read, some, from.plus(at));
            MemorySegment.copy(integers(lane).getSegment(), ValueLayout.JAVA_INT, 0, values, at, some);
        });
        return values;
    }
}
