package seer.gate.rival;

import java.util.Locale;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.PerChunk;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.backend.Tensor;

/// Chooses by the true pooled map of the layer's own queries and keys: SeerAttention's training target (arXiv
/// 2410.13276, section 3.2), the largest softmax probability inside each block, or the attention mass of each block.
///
/// It needs dense attention's denominators first, so that it costs more than the attention it saves: a measure of what
/// a choice can reach at a density, not a way to read faster. Top-k of every row is no upper bound, as rows and heads
/// differ in how many blocks they need; a threshold on rows that sum to 1 gives each what it needs.
///
/// @param mass how the masses of a block's queries become one number; null for the largest probability
record OracleSelector(int block, MassPooling mass, RowChoice choice, ForcedBlocks forced) implements BlockSelector {

    @Override
    public String label() {
        return (mass == null ? "oracle" : "oracle" + mass.name().toLowerCase(Locale.ROOT)) + ":" + choice.label();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public Run begin(Prompt prompt) {
        return new ScoredRun(new TrueMaps(prompt), block, choice, forced);
    }

    /// Maps of every head.
    private final class TrueMaps implements HostScores {
        private final PerChunk dense;
        private final Tensor attention; // [T, H * D], thrown away
        private final Tensor logSumExp; // [H, T]

        TrueMaps(Prompt prompt) {
            var config = prompt.config();
            int rows = Math.min(prompt.total(), prompt.chunk());
            dense = new PerChunk(block, view ->
                    BlockMask.dense(config.heads(), block, view.firstBlock(block), view.blocks(block)));
            attention = prompt.arena().activations(rows, config.heads() * config.headWidth());
            logSumExp = prompt.arena().allocate(config.heads(), rows);
        }

        @Override
        public float[][] maps(LayerView view) {
            var backend = view.backend();
            backend.attend(view.queries(), view.rows(), view.offset(), view.cache(), dense.select(view), attention,
                    logSumExp);
            var maps = new float[view.config().heads()][];
            for (int head = 0; head < maps.length; head++) {
                maps[head] = mass == null
                        ? backend.pooledAttention(view.queries(), view.rows(), view.offset(), view.cache(), logSumExp,
                        block, head)
                        : backend.blockMass(view.queries(), view.rows(), view.offset(), view.cache(), logSumExp, block,
                        head, mass);
            }
            return maps;
        }
    }
}
