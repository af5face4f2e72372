package seer.gate.rival;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.Pooling;
import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.Tensor;

/// The attention of a chunk's last queries to every key before them: what estimates of a whole map are made from.
///
/// @param count  queries, at most as many as the chunk has
/// @param copies `[H, count, D]` the queries, apart
record LastQueries(int count, Tensor copies) {

    static LastQueries of(BlockSelector.Prompt prompt, int count) {
        var config = prompt.config();
        return new LastQueries(count, prompt.arena().allocate(config.heads(), count, config.headWidth()));
    }

    /// Queries that there are of the view's chunk.
    int rows(LayerView view) {
        return Math.min(count, view.rows());
    }

    /// `[H][rows * keys]`: softmax of `q k / sqrt(D)` over the keys up to each query, zero after it.
    float[][] probabilities(LayerView view) {
        var backend = view.backend();
        int rows = rows(view);
        int keys = view.offset() + view.rows();
        // A block of one token is the token itself: the queries are copied without leaving the backend.
        backend.pool(view.queries(), view.rows() - rows, rows, 1, List.of(Pooling.AVG), copies, 0);
        var maps = new float[view.config().heads()][];
        try (Arena arena = view.arena().within("the layer")) {
            Tensor vectors = keys(view, keys, arena);
            for (int head = 0; head < maps.length; head++) {
                maps[head] = backend.blockScores(copies, vectors, head, keys - rows, rows,
                        1 / Math.sqrt(view.config().headWidth()));
            }
        }
        IntStream.range(0, maps.length * rows).parallel()
                .forEach(r -> Softmax.inPlace(maps[r / rows], r % rows * keys, keys));
        return maps;
    }

    /// `[G, S, D]`: the cache's keys in fp32, which scores are computed in; a copy where a backend shows them in 16
    /// bits.
    private static Tensor keys(LayerView view, int count, Arena arena) {
        Tensor keys = view.cache().keys();
        if (keys.type() == ElementType.F32) {
            return keys;
        }
        Tensor copied = arena.allocate(keys.extent(0), count, keys.extent(2));
        view.backend().pool(keys, 0, count, 1, List.of(Pooling.AVG), copied, 0);
        return copied;
    }
}
