package seer.model;

import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Tensor;

/// A selector that chooses as another one does, and corrects what attention over these blocks gives while a prompt is
/// read. While an answer is written, attention is as without.
public sealed interface CorrectedSelector extends BlockSelector permits DeltaRows, RestMeans {

    /// Which chooses the blocks.
    BlockSelector selector();

    /// Corrects a layer.
    interface Correction {
        /// @param out       `[T, H * D]` of the view's rows, changed in place
        /// @param logSumExp `[H, T]` over the mask's blocks; stays as it is
        void layer(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp);
    }

    /// What corrects the layers of a prompt.
    Correction correct(Prompt prompt);

    @Override
    default int block() {
        return selector().block();
    }

    @Override
    default boolean onHost() {
        return selector().onHost();
    }

    @Override
    default boolean wholePrompt() {
        return selector().wholePrompt();
    }

    @Override
    default ForcedBlocks forced() {
        return selector().forced();
    }

    @Override
    default Run begin(Prompt prompt) {
        Correction correction = correct(prompt);
        return new ForwardingRun(selector().begin(prompt)) {
            @Override
            public void correct(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) {
                correction.layer(view, mask, out, logSumExp);
            }
        };
    }
}
