package seer.model;

import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// A selector whose sparse attention is corrected by delta rows (arXiv 2505.11254): every `spacing`-th query row of a
/// prompt, from its first on, also attends to every key before it, and what that changes is added to the rows behind
/// it.
///
/// ```text
///   row        0    1               ..  63 |  64   65                ..  127 | ..
///   sparse     s0   s1                  s63   s64  s65                   s127
///   dense      d0                             d64
///   attention  d0   s1 + (d0 - s0)            d64  s65 + (d64 - s64)
/// ```
/// A row is never corrected by one that comes later, so that no token sees what follows it.
///
/// @param selector which chooses the blocks
/// @param spacing  query rows from one dense row to the next
/// @param label    of both together
public record DeltaRows(BlockSelector selector, int spacing, String label) implements CorrectedSelector {
    /// Rows from one to the next where nothing else is asked for: one in a block.
    public static final int SPACING = 64;
    /// The farthest that they may lie apart.
    public static final int FARTHEST = 4096;

    /// @throws IllegalArgumentException if rows cannot lie so far apart
    public DeltaRows {
        if (spacing < 2 || spacing > FARTHEST) {
            throw new IllegalArgumentException("delta is " + spacing + ", wanted 2 to " + FARTHEST + " query rows");
        }
    }

    @Override
    public double correction() {
        return 1.0 / spacing;
    }

    @Override
    public int stretch() {
        return spacing;
    }

    @Override
    public Correction correct(Prompt prompt) {
        return (LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) -> prompt.backend().addDeltas(
                view.queries(), view.rows(), view.offset(), spacing, view.cache(), out, logSumExp);
    }
}
