package seer.run.bench;

import java.util.SplittableRandom;
import seer.model.load.SafetensorsWriter;

/// Normal numbers for tensors of any size, drawn once and repeated: gigabytes of them would take longer to draw than
/// attention to compute. They have 8 bits, so that every precision stores them as they are.
final class NormalTile {
    /// A prime: as many rows of a tensor as can be begin at different places.
    static final int LENGTH = 1_048_573;

    private final float[] values = new float[LENGTH];

    NormalTile(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < LENGTH; i++) {
            values[i] = Float.intBitsToFloat(SafetensorsWriter.bfloat16((float) random.nextGaussian()) << Short.SIZE);
        }
    }

    /// `count` numbers from number `from` on.
    float[] numbers(long from, int count) {
        var numbers = new float[count];
        int at = (int) (from % LENGTH);
        for (int done = 0; done < count; at = 0) {
            int piece = Math.min(LENGTH - at, count - done);
            System.arraycopy(values, at, numbers, done, piece);
            done += piece;
        }
        return numbers;
    }
}
