package seer.eval;

import java.util.List;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;

/// How a selector's choice compares with the true attention of the dense model, per layer and head.
///
/// The prompt is read densely; in every layer the selector chooses blocks from the dense model's own queries and
/// keys, and nothing of its choice reaches the next layer. So all selectors are judged on the same attention.
///
/// @param measure [Measure#RECALL] or [Measure#RANK_CORRELATION]
/// @param prompts tokens of each item, all of one length
public record AttentionTask(Measure measure, String name, List<String> items, List<int[]> prompts)
        implements EvalTask {

    public AttentionTask {
        if (measure != Measure.RECALL && measure != Measure.RANK_CORRELATION) {
            throw new IllegalArgumentException("measure is " + measure + ", wanted RECALL or RANK_CORRELATION");
        }
    }

    @Override
    public int tokens() {
        return prompts.getFirst().length;
    }

    @Override
    public Sample measure(Session session, int item, BlockSelector selector) {
        var look = measure == Measure.RECALL ? new MassRecall(selector) : new RankCorrelation(selector);
        session.prefill(PrefillRequest.of(prompts.get(item), BlockSelector.dense()).observedBy(look));
        return look.sample();
    }
}
