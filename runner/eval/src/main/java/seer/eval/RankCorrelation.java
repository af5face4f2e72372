package seer.eval;

import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// Spearman's rank correlation between a selector's raw scores and the true pooled map (the largest softmax
/// probability inside each block), over the causal blocks of each row of blocks, averaged over the rows.
///
/// Rows of few blocks are left out: their ranks say little.
final class RankCorrelation extends DenseLook {
    private static final int FEWEST_BLOCKS = 8;

    RankCorrelation(BlockSelector selector) {
        super(selector);
    }

    @Override
    void compare(LayerView view, BlockSelector.Run chosen, BlockMask mask, Tensor attention, Tensor logSumExp) {
        int first = view.firstBlock(block());
        int rows = view.blocks(block());
        if (view.totalBlocks(block()) < FEWEST_BLOCKS) {
            throw new IllegalArgumentException("the prompt has " + view.totalBlocks(block())
                    + " blocks, wanted at least " + FEWEST_BLOCKS + " to rank");
        }
        for (int head = 0; head < view.config().heads(); head++) {
            float[] scores = chosen.scores(view, head);
            if (scores == null) {
                throw new IllegalArgumentException(label() + " has no scores to rank blocks by, wanted a gate");
            }
            float[] target = view.backend().pooledAttention(view.queries(), view.rows(), view.offset(),
                    view.cache(), logSumExp, block(), head);
            for (int row = 0; row < rows; row++) {
                int width = first + rows;
                int blocks = first + row + 1;
                if (blocks >= FEWEST_BLOCKS) {
                    double correlation = new SpearmansCorrelation().correlation(
                            part(scores, row * width, blocks), part(target, row * width, blocks));
                    if (!Double.isNaN(correlation)) { // where all scores of a row are equal there is no order
                        add(view, head, correlation, 1);
                    }
                }
            }
        }
    }

    private static double[] part(float[] values, int from, int count) {
        var part = new double[count];
        for (int i = 0; i < count; i++) {
            part[i] = values[from + i];
        }
        return part;
    }
}
