package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import java.util.concurrent.atomic.AtomicInteger;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import seer.model.backend.Backend;

/// Rows of a residual stream that hold a number no layer could go on with.
///
/// Reading is the cost: one pass, which is nothing beside the matrix products that wrote the stream.
///
/// @param x `[rows.., C]`
record BrokenRows(float[] x, int rows, int width) {
    /// Rows of one task.
    private static final int ROWS = 256;

    /// The first one, -1 if there is none.
    int first(CpuThreads threads) {
        var lowest = new AtomicInteger(Integer.MAX_VALUE);
        threads.run((rows + ROWS - 1) / ROWS, (task, scratch) -> {
            for (int row = task * ROWS; row < Math.min(rows, (task + 1) * ROWS); row++) {
                if (broken(row * width)) {
                    lowest.accumulateAndGet(row, Math::min);
                    return;
                }
            }
        });
        return lowest.get() == Integer.MAX_VALUE ? -1 : lowest.get();
    }

    private boolean broken(int at) {
        VectorMask<Float> sound = SPECIES.maskAll(true);
        int c = 0;
        for (; c <= width - LENGTH; c += LENGTH) {
            sound = sound.and(FloatVector.fromArray(SPECIES, x, at + c).abs()
                    .compare(VectorOperators.LE, Backend.LARGEST));
        }
        boolean all = sound.allTrue();
        for (; c < width; c++) {
            all &= Math.abs(x[at + c]) <= Backend.LARGEST;
        }
        return !all;
    }
}
