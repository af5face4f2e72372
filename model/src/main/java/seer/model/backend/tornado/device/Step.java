package seer.model.backend.tornado.device;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// One kernel of an operation: its numbers, sent with every run, its buffers and its grid.
///
/// A kernel finds a tensor by a number, the first element within a buffer. So the place of that number in `p` names the
/// buffer too: `floats(P_X)` is the parameter whose elements begin at `p[P_X]`, and `put(P_X, place)` sets both.
public final class Step {
    private static final int NUMBERS = 64;
    private static final int FLOATS = 4;

    private final WorkerGrid3D grid = new WorkerGrid3D(1, 1, 1);
    private final IntArray p;
    private final FloatArray f;
    private final Bank[] wanted; // by place in p, for the next run
    private final Slot[] slots = new Slot[NUMBERS]; // by place in p

    Step() {
        p = new IntArray(NUMBERS);
        f = new FloatArray(FLOATS);
        wanted = new Bank[NUMBERS];
    }

    /// A kernel that reads the numbers of another one, sent once for both.
    Step(Step numbers) {
        p = numbers.p;
        f = numbers.f;
        wanted = numbers.wanted;
    }

    WorkerGrid3D grid() {
        return grid;
    }

    /// Integers of the next run.
    public IntArray p() {
        return p;
    }

    /// Floats of the next run.
    public FloatArray f() {
        return f;
    }

    /// The floats that begin at `p[place]`.
    public FloatArray floats(int place) {
        return (FloatArray) slot(place, Kind.FLOATS).array();
    }

    /// The integers that begin at `p[place]`.
    public IntArray integers(int place) {
        return (IntArray) slot(place, Kind.INTEGERS).array();
    }

    /// The same memory as [#floats], as integers that hold the bits of floats: no kernel can make the one of the
    /// other, but a slot does not care.
    public IntArray bits(int place) {
        return (IntArray) slot(place, Kind.INTEGERS).array();
    }

    private Slot slot(int place, Kind kind) {
        if (slots[place] == null) {
            slots[place] = new Slot(kind);
        }
        return slots[place];
    }

    /// One of the integers.
    public Step put(int at, int value) {
        p.set(at, value);
        return this;
    }

    /// Where a buffer begins.
    public Step put(int at, Place place) {
        p.set(at, place.first());
        wanted[at] = place.bank();
        return this;
    }

    /// The buffer that the slot of a place stands for, whatever the number is.
    public Step buffer(int at, Place place) {
        wanted[at] = place.bank();
        return this;
    }

    /// Where a tensor begins.
    public Step put(int at, DeviceTensor tensor) {
        return put(at, tensor.at(0));
    }

    /// Where a tensor begins, or -1 if there is none: a kernel then leaves its buffer alone.
    public Step putOrNone(int at, DeviceTensor tensor) {
        return tensor == null ? put(at, -1) : put(at, tensor);
    }

    /// The floats of the next run, four at most.
    public Step floats(double... values) {
        for (int i = 0; i < values.length; i++) {
            f.set(i, (float) values[i]);
        }
        return this;
    }

    /// `x * y * z` groups of `items` work-items.
    public void groups(int x, int y, int z, int items) {
        grid.setGlobalWork((long) x * items, y, z);
        grid.setLocalWork(items, 1, 1);
    }

    /// So many groups, of as many items as they have.
    public void groups(int count) {
        groups(count, 1, 1, Math.toIntExact(grid.getLocalWork()[0]));
    }

    /// At least `count` work-items in groups of 128.
    public void items(long count) {
        groups(Math.toIntExact(Math.ceilDiv(Math.max(count, 1), 128L)), 1, 1, 128);
    }

    /// The arrays that stand for banks.
    Object[] arrays() {
        return Arrays.stream(slots).filter(slot -> slot != null).map(Slot::array).toArray();
    }

    /// How a slot becomes a bank.
    interface Mapping {
        void map(Slot slot, Bank bank);
    }

    /// Maps the slots whose bank is not that of the last run.
    void bind(Mapping mapping) {
        for (int place = 0; place < NUMBERS; place++) {
            if (slots[place] != null && wanted[place] != null && slots[place].bound() != wanted[place]) {
                mapping.map(slots[place], wanted[place]);
            }
        }
    }

    /// Maps the slots that are mapped onto a bank onto another one.
    void leave(Bank bank, Bank other, Mapping mapping) {
        for (int place = 0; place < NUMBERS; place++) {
            if (wanted[place] == bank) {
                wanted[place] = null;
            }
            if (slots[place] != null && slots[place].bound() == bank) {
                mapping.map(slots[place], other);
            }
        }
    }
}
