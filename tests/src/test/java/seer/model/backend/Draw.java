package seer.model.backend;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import seer.model.attention.BlockMask;
import seer.model.load.DType;
import seer.model.load.WeightTensor;

/// Random inputs from a fixed seed.
final class Draw {
    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    float[] normal(int count) {
        return normal(count, 1);
    }

    float[] normal(int count, double deviation) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /// Causal kept blocks; the diagonal with the others' chance unless forced.
    boolean[] blocks(int heads, int n, double density, boolean diagonal) {
        var keep = new boolean[heads * n * n];
        for (int row = 0; row < heads * n; row++) {
            for (int j = 0; j <= row % n; j++) {
                keep[row * n + j] = random.nextDouble() < density || diagonal && j == row % n;
            }
        }
        return keep;
    }

    static BlockMask mask(boolean[] keep, int heads, int n, int block, int firstRow, int rows) {
        var start = new int[heads * rows + 1];
        var index = new int[keep.length];
        int at = 0;
        for (int r = 0; r < heads * rows; r++) {
            int row = r / rows * n + firstRow + r % rows;
            for (int j = 0; j < n; j++) {
                if (keep[row * n + j]) {
                    index[at++] = j;
                }
            }
            start[r + 1] = at;
        }
        return new BlockMask(heads, block, firstRow, rows, start, Arrays.copyOf(index, at));
    }

    /// The upper halves of these values, as BF16 stores them.
    static WeightTensor halves(float[] values, Integer... shape) {
        var upper = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            upper[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
        }
        return new WeightTensor(Path.of("test.safetensors"), "w", DType.BF16, List.of(shape),
                MemorySegment.ofArray(upper));
    }

    static WeightTensor weights(float[] values, Integer... shape) {
        return new WeightTensor(Path.of("test.safetensors"), "w", DType.F32, List.of(shape),
                MemorySegment.ofArray(values));
    }
}
