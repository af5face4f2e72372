package seer.eval;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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

    /// The first windows of a document.
    ///
    /// @throws IllegalArgumentException if it is shorter than one
    public static AttentionTask of(Measure measure, Document document, int length, int windows) {
        int count = Math.min(windows, document.tokens().length / length);
        if (count < 1) {
            throw new IllegalArgumentException(document.name() + " has " + document.tokens().length
                    + " tokens, wanted at least one window of " + length);
        }
        return new AttentionTask(measure, document.name(),
                IntStream.range(0, count).mapToObj(w -> document.name() + "@" + w * length).toList(),
                IntStream.range(0, count).mapToObj(w -> Arrays.copyOfRange(document.tokens(), w * length,
                        (w + 1) * length)).toList());
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
