package seer.eval;

import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// The share of each query's attention that falls into the chosen blocks:
/// `exp(log-sum-exp over the chosen blocks - log-sum-exp over all)`, averaged over the queries.
final class MassRecall extends DenseLook {
    private Tensor output; // [T, H * D], not looked at
    private Tensor chosenLogSumExp; // [H, T]

    MassRecall(BlockSelector selector) {
        super(selector);
    }

    @Override
    void compare(LayerView view, BlockSelector.Run chosen, BlockMask mask, Tensor attention, Tensor logSumExp) {
        if (output == null) {
            output = view.arena().activations(attention.shape());
            chosenLogSumExp = view.arena().allocate(logSumExp.shape());
        }
        long start = System.nanoTime();
        view.backend().attend(view.queries(), view.rows(), view.offset(), view.cache(), mask, output, chosenLogSumExp);
        view.backend().await();
        attended(System.nanoTime() - start);
        float[] all = logSumExp.download();
        float[] part = chosenLogSumExp.download();
        int stride = logSumExp.extent(1);
        for (int head = 0; head < view.config().heads(); head++) {
            double sum = 0;
            for (int t = 0; t < view.rows(); t++) {
                int at = head * stride + t;
                sum += Math.exp((double) part[at] - all[at]);
            }
            add(view, head, sum, view.rows());
        }
    }
}
