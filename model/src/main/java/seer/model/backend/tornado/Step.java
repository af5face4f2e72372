package seer.model.backend.tornado;

import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// One kernel of an operation: its numbers, sent with every run, and its grid.
final class Step {
    private static final int NUMBERS = 64;

    private final WorkerGrid3D grid = new WorkerGrid3D(1, 1, 1);
    private final IntArray p;
    private final FloatArray f;

    Step() {
        p = new IntArray(NUMBERS);
        f = new FloatArray(2);
    }

    /// A kernel that reads the numbers of another one, sent once for both.
    Step(Step numbers) {
        p = numbers.p;
        f = numbers.f;
    }

    WorkerGrid3D grid() {
        return grid;
    }

    /// Integers of the next run.
    IntArray p() {
        return p;
    }

    /// Floats of the next run.
    FloatArray f() {
        return f;
    }

    /// One of the integers.
    Step put(int at, int value) {
        p.set(at, value);
        return this;
    }

    /// The first integers.
    Step set(int... values) {
        for (int i = 0; i < values.length; i++) {
            p.set(i, values[i]);
        }
        return this;
    }

    Step floats(double first, double second) {
        f.set(0, (float) first);
        f.set(1, (float) second);
        return this;
    }

    /// `x * y * z` groups of `items` work-items.
    void groups(int x, int y, int z, int items) {
        grid.setGlobalWork((long) x * items, y, z);
        grid.setLocalWork(items, 1, 1);
    }

    /// At least `count` work-items in groups of 128.
    void items(long count) {
        groups(Math.toIntExact(Math.ceilDiv(Math.max(count, 1), 128L)), 1, 1, 128);
    }
}
