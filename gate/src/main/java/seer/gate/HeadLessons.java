package seer.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.BlockSelector;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Session;

/// What a [HeadSearch] reads: texts and prompts of one length, with thresholds of heads. In one session, by itself.
public final class HeadLessons implements Lessons {
    private final AttnGate gate;
    private final Session session;
    private final List<int[]> windows;
    private final List<RetrievalPrompt> prompts;
    private final ThresholdSearch.Goal goal;
    private final float[][] dense; // by lesson, once it is read; null where likelihood counts
    private double[] logs = {}; // of the selector
    private BlockSelector selector;

    /// What a token counts by.
    public enum Aim {
        /// Its negative log-likelihood.
        LIKELIHOOD,
        /// How far its log-likelihood is from the one with dense attention, either way.
        DENSE
    }

    /// @param windows texts of equal length; density counts on them alone
    /// @param prompts with their answers, of the same length
    public HeadLessons(AttnGate gate, Session session, List<int[]> windows, List<RetrievalPrompt> prompts,
                       ThresholdSearch.Goal goal, Aim aim) {
        this.gate = gate;
        this.session = session;
        this.windows = List.copyOf(windows);
        this.prompts = List.copyOf(prompts);
        this.goal = goal;
        this.dense = aim == Aim.LIKELIHOOD ? null : new float[windows.size() + prompts.size()][];
    }

    @Override
    public int texts() {
        return windows.size();
    }

    @Override
    public int prompts() {
        return prompts.size();
    }

    @Override
    public List<Weight> weigh(List<Piece> pieces, DoubleConsumer progress) {
        var weights = new ArrayList<Weight>();
        for (var piece : pieces) {
            weights.add(weigh(piece));
            progress.accept((double) weights.size() / pieces.size());
        }
        return weights;
    }

    /// What comes of one.
    public Weight weigh(Piece piece) {
        int lesson = piece.lesson();
        int answer = lesson < windows.size() ? 0 : prompts.get(lesson - windows.size()).answerStart() - 1;
        if (dense != null && dense[lesson] == null) {
            dense[lesson] = report(lesson, BlockSelector.dense()).scores().negativeLogLikelihood();
        }
        var report = report(lesson, selector(piece.logs()));
        float[] nats = report.scores().negativeLogLikelihood();
        double off = mean(lesson, nats, answer, nats.length - 1);
        return new Weight(off, answer == 0 ? off : mean(lesson, nats, 0, answer), report.density());
    }

    private BlockSelector selector(double[] wanted) {
        if (!Arrays.equals(wanted, logs)) {
            var rules = goal.ofHeads(wanted).rules(gate.layers(), gate.config().activation(),
                    windows.getFirst().length);
            selector = goal.corrected(new GateSelector(gate, "gate:heads", tokens -> rules, goal.forced()));
            logs = wanted;
        }
        return selector;
    }

    /// @param lesson window or prompt, the prompts behind the windows
    private PrefillReport report(int lesson, BlockSelector selector) {
        int[] tokens = lesson < windows.size() ? windows.get(lesson) : prompts.get(lesson - windows.size()).tokens();
        return session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
    }

    /// Mean over positions that have a successor.
    private double mean(int lesson, float[] nats, int from, int to) {
        return IntStream.range(from, to).mapToDouble(t -> dense == null ? nats[t]
                : Math.abs(nats[t] - dense[lesson][t])).average().orElse(0);
    }
}
