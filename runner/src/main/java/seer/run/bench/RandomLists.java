package seer.run.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import seer.model.attention.BlockMask;

/// Masks without a pattern, as SeerAttention's benchmark draws them: row `r` of each head keeps
/// `max(1, floor(density * (r + 1)))` of its `r + 1` causal blocks, each as likely as any other, but for the diagonal,
/// which it always keeps. Other than there each head draws its own.
final class RandomLists {
    private static final double ROUNDING = 1e-9; // 0.29 * 100 is 28.999...

    private RandomLists() { }

    static BlockMask of(AttentionShape shape, long seed) {
        int rows = shape.blocks();
        var start = new int[shape.heads() * rows + 1];
        for (int r = 0; r < shape.heads() * rows; r++) {
            start[r + 1] = Math.addExact(start[r], kept(shape.density(), r % rows));
        }
        var index = new int[start[shape.heads() * rows]];
        IntStream.range(0, shape.heads()).parallel().forEach(head -> {
            var random = new SplittableRandom(seed + head).split();
            int[] blocks = IntStream.range(0, rows).toArray();
            for (int row = 0; row < rows; row++) {
                draw(random, blocks, row, index, start[head * rows + row], start[head * rows + row + 1]);
            }
        });
        return new BlockMask(shape.heads(), shape.block(), 0, rows, start, index);
    }

    static int kept(double density, int row) {
        return Math.max(1, (int) (density * (row + 1) + ROUNDING));
    }

    /// Blocks before the diagonal without replacement, by the beginning of a shuffle, then the diagonal.
    ///
    /// @param blocks its first `row` entries are the blocks before the diagonal, in any order
    private static void draw(SplittableRandom random, int[] blocks, int row, int[] index, int from, int to) {
        for (int i = 0; i < to - from - 1; i++) {
            int j = i + random.nextInt(row - i);
            int drawn = blocks[j];
            blocks[j] = blocks[i];
            blocks[i] = drawn;
            index[from + i] = drawn;
        }
        index[to - 1] = row;
        Arrays.sort(index, from, to);
    }
}
