package seer.gate.rival;

import java.util.List;
import java.util.stream.Stream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// An upper bound of what a query can score in a block (Quest, arXiv 2406.10774, section 3.3), after the rotation:
/// `sum over d of max(q_d * max_d, q_d * min_d)` with the largest and smallest key elements of the block, the largest
/// `k` of a row.
///
/// Quest decodes one query at a time; here a block of queries chooses together and `q` is its mean. Since the greater
/// of the two products goes with the sign of `q_d`, the sum is the dot product of `[max(q, 0) | min(q, 0)]` with
/// `[max | min]`: the mean queries are split on the host, everything else stays on the backend.
record MinMaxSelector(int block, SelectionRule.TopBlocks rule, ForcedBlocks forced) implements BlockSelector {

    @Override
    public String label() {
        return "minmax:" + Setting.density(rule.density()).text();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public Run begin(Prompt prompt) {
        return new Bounds(prompt);
    }

    /// Keeps the pooled keys of earlier chunks.
    private final class Bounds implements Run {
        private final List<Tensor> keys; // [layers] of [G, n, 2 * D]
        private final Tensor means; // [H, blocks of a chunk, D]

        Bounds(Prompt prompt) {
            var config = prompt.config();
            int blocks = Math.ceilDiv(prompt.total(), block);
            keys = Stream.generate(() -> prompt.arena().allocate(config.groups(), blocks, 2 * config.headWidth()))
                    .limit(config.layers()).toList();
            means = prompt.arena().allocate(config.heads(),
                    Math.min(blocks, Math.ceilDiv(prompt.chunk(), block)), config.headWidth());
        }

        @Override
        public BlockMask select(LayerView view) {
            var backend = view.backend();
            Tensor bounds = keys.get(view.layer());
            int first = view.firstBlock(block);
            int width = view.config().headWidth();
            backend.pool(view.cache().keys(), view.offset(), view.rows(), block, List.of(Pooling.MAX, Pooling.MIN),
                    bounds, first);
            backend.pool(view.queries(), 0, view.rows(), block, List.of(Pooling.AVG), means, 0);
            try (Arena arena = view.arena().within("the layer")) {
                Tensor split = arena.upload(bySign(means.download(), width), means.extent(0), means.extent(1),
                        2 * width);
                return backend.select(split, bounds, first, view.blocks(block), view.totalBlocks(block), block,
                        1 / Math.sqrt(width), rule, forced, view.arena());
            }
        }

        private static float[] bySign(float[] vectors, int width) {
            var split = new float[2 * vectors.length];
            for (int i = 0; i < vectors.length; i++) {
                int at = i / width * 2 * width + i % width;
                split[at] = Math.max(vectors[i], 0);
                split[at + width] = Math.min(vectors[i], 0);
            }
            return split;
        }
    }
}
