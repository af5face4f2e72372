package seer.gate.rival;

import java.util.stream.IntStream;
import seer.model.LayerView;
import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// Scores of blocks by strided antidiagonals; see [AntidiagonalSelector].
///
/// @param stride tokens in a group
record AntidiagonalScores(int block, int stride) implements HostScores {

    @Override
    public float[][] maps(LayerView view) {
        var backend = view.backend();
        int width = view.config().headWidth();
        int first = view.offset() / stride;
        int rows = Math.ceilDiv(view.rows(), stride);
        var maps = new float[view.config().heads()][];
        try (Arena arena = view.arena().within("the layer")) {
            Tensor queries = grouped(arena, view.queries(), view.rows(), true);
            Tensor keys = grouped(arena, view.cache().keys(), view.offset() + view.rows(), false);
            for (int head = 0; head < maps.length; head++) {
                float[] scores = backend.blockScores(queries, keys, head, first, rows,
                        1 / (stride * Math.sqrt(width)));
                maps[head] = sums(view, scores, first, rows);
            }
        }
        return maps;
    }

    /// `[heads, groups, stride * D]`: the first `tokens` rows of each head, group by group.
    private Tensor grouped(Arena arena, Tensor vectors, int tokens, boolean reversed) {
        float[] all = vectors.download();
        int heads = vectors.extent(0);
        int room = vectors.extent(1);
        int width = vectors.extent(2);
        int groups = Math.ceilDiv(tokens, stride);
        var grouped = new float[Math.multiplyExact(heads * groups, stride * width)];
        IntStream.range(0, heads).parallel().forEach(head -> {
            for (int t = 0; t < tokens; t++) {
                int place = reversed ? stride - 1 - t % stride : t % stride;
                System.arraycopy(all, (head * room + t) * width, grouped,
                        ((head * groups + t / stride) * stride + place) * width, width);
            }
        });
        return arena.upload(grouped, heads, groups, stride * width);
    }

    /// Softmax of every row of groups, summed over the groups of each block: `[query blocks, key blocks]`.
    private float[] sums(LayerView view, float[] scores, int first, int rows) {
        int perBlock = block / stride;
        int columns = first + rows;
        int blockRows = view.blocks(block);
        int blockColumns = view.firstBlock(block) + blockRows;
        var sums = new float[Math.multiplyExact(blockRows, blockColumns)];
        IntStream.range(0, blockRows).parallel().forEach(blockRow -> {
            for (int row = blockRow * perBlock; row < Math.min(rows, (blockRow + 1) * perBlock); row++) {
                int count = first + row + 1;
                int at = row * columns;
                Softmax.inPlace(scores, at, count);
                for (int j = 0; j < count; j++) {
                    sums[blockRow * blockColumns + j / perBlock] += scores[at + j];
                }
            }
        });
        return sums;
    }
}
