package seer.model;

import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.GatePools;
import seer.model.backend.Tensor;

/// Decides, layer by layer, which blocks of the attention map are computed.
///
/// A selector is immutable; what it remembers of a prompt (pooled keys of earlier chunks) lives in a [Run], and in the
/// memory of the prompt.
public interface BlockSelector {

    /// Name and settings, in the grammar of the command line: `dense`, `gate:density=0.1`.
    String label();

    /// Tokens along one edge of a block.
    int block();

    /// Whether it brings tensors to the host to choose there; results say so, since elsewhere everything stays with
    /// the backend.
    default boolean onHost() {
        return false;
    }

    /// Whether it looks at the whole prompt before it chooses a block of any row: then the prompt has to be read in one
    /// chunk. Everything else chooses the same blocks however the prompt is cut.
    default boolean wholePrompt() {
        return false;
    }

    /// What it keeps whatever the scores say, in every row of blocks.
    default ForcedBlocks forced() {
        return ForcedBlocks.NONE;
    }

    /// Share of the causal map that is computed beside the chosen blocks, to correct what they give.
    default double correction() {
        return 0;
    }

    /// Tokens that a chunk of a prompt is a multiple of beside the block: where a correction begins anew.
    default int stretch() {
        return 1;
    }

    /// Starts a prompt.
    ///
    /// @throws IllegalArgumentException if it looks at the whole prompt, and the prompt comes in several chunks
    Run begin(Prompt prompt);

    /// The prompt that a run is for.
    ///
    /// @param arena closes when the next prompt begins, or the session: for what a run keeps from chunk to chunk and
    ///              from token to token
    /// @param total tokens of the whole prompt, known beforehand
    /// @param chunk largest number of tokens in a chunk
    record Prompt(Arena arena, ModelConfig config, int total, int chunk) {
        /// Where it is read.
        public Backend backend() {
            return arena.backend();
        }

        /// Refuses to go on where the prompt comes in several chunks.
        ///
        /// @param label of the selector that cannot do with them
        public void requireWhole(String label) {
            if (chunk < total) {
                throw new IllegalArgumentException(label + " looks at the whole prompt before it chooses: the prompt "
                        + "has " + total + " tokens, a chunk " + chunk + ", wanted one chunk of all of them");
            }
        }
    }

    /// One prompt passing through all layers, chunk by chunk, and the tokens that continue it, one by one.
    interface Run {
        /// What it wants of the raw queries and keys of a chunk, which a backend may pool while it rotates them; null
        /// where it wants nothing. The view of the chunk tells whether it was done.
        ///
        /// @param offset position of the chunk's first token
        default GatePools pools(int offset) {
            return null;
        }

        /// The mask of this layer for the view's chunk; who asked closes it when the layer is done.
        BlockMask select(LayerView view);

        /// The mask of this layer for one more token behind the prompt, as decoding reads them one by one: the row of
        /// its block, for each query head or each key/value head; null for every key.
        ///
        /// @param view one row, `total` being the tokens read up to it
        default BlockMask step(LayerView view) {
            return null;
        }

        /// Corrects what attention over the chosen blocks gave, before anybody reads it; most leave it as it is.
        ///
        /// @param out       `[T, H * D]`
        /// @param logSumExp `[H, T]` over the chosen blocks
        default void correct(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) { }

        /// Raw scores of one head for the chunk last selected, `[rows, first row + rows]` of blocks, for measuring how
        /// well they rank; null where the selector has none.
        default float[] scores(LayerView view, int head) {
            return null;
        }
    }

    /// Every causal block: exact attention through the same kernel.
    static BlockSelector dense() {
        return new DenseSelector(DenseSelector.BLOCK);
    }
}
