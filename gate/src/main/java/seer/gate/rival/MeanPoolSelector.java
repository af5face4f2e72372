package seer.gate.rival;

import java.util.List;
import java.util.stream.Stream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Tensor;

/// Block means compared by dot product (MoBA, arXiv 2502.13189, section 2.2), after the rotation:
/// `dot(mean of a block's queries, mean of a block's keys) / sqrt(D)`, the largest `k` of a row.
///
/// MoBA chooses for every query; here a block of queries chooses together, by its mean. All of it stays on the
/// backend.
record MeanPoolSelector(int block, SelectionRule.TopBlocks rule, ForcedBlocks forced)
        implements BlockSelector {

    @Override
    public String label() {
        return "meanpool:" + Setting.density(rule.density()).text();
    }

    @Override
    public Run begin(Prompt prompt) {
        return new Means(prompt);
    }

    /// Keeps the pooled keys of earlier chunks.
    private final class Means implements Run {
        private final List<Tensor> keys; // [layers] of [G, n, D]
        private final Tensor queries; // [H, blocks of a chunk, D]

        Means(Prompt prompt) {
            var config = prompt.config();
            int blocks = Math.ceilDiv(prompt.total(), block);
            keys = Stream.generate(() -> prompt.arena().allocate(config.groups(), blocks, config.headWidth()))
                    .limit(config.layers()).toList();
            queries = prompt.arena().allocate(config.heads(),
                    Math.min(blocks, Math.ceilDiv(prompt.chunk(), block)), config.headWidth());
        }

        @Override
        public BlockMask select(LayerView view) {
            var backend = view.backend();
            Tensor pooled = keys.get(view.layer());
            int first = view.firstBlock(block);
            backend.pool(view.cache().keys(), view.offset(), view.rows(), block, List.of(Pooling.AVG), pooled, first);
            backend.pool(view.queries(), 0, view.rows(), block, List.of(Pooling.AVG), queries, 0);
            return backend.select(queries, pooled, first, view.blocks(block), view.totalBlocks(block), block,
                    1 / Math.sqrt(view.config().headWidth()), rule, forced, view.arena());
        }
    }
}
