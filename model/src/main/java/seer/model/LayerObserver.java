package seer.model;

import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// Looks into a prefill: for pictures, tests and distillation.
@FunctionalInterface
public interface LayerObserver {
    /// Sees nothing.
    LayerObserver NONE = (view, mask, attention, logSumExp) -> { };

    /// Called once per layer and chunk, after attention.
    ///
    /// @param attention `[T, H * D]` before the output projection
    /// @param logSumExp `[H, T]` natural logarithm of the softmax denominators over the mask's blocks
    void layer(LayerView view, BlockMask mask, Tensor attention, Tensor logSumExp);
}
