package seer.gate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.BlockSelector;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Session;

/// What a [HeadSearch] reads: texts and prompts of one length, with thresholds of heads.
public final class HeadLessons implements HeadSearch.Reader {
    private final AttnGate gate;
    private final Session session;
    private final List<int[]> windows;
    private final List<RetrievalPrompt> prompts;
    private final ThresholdSearch.Goal goal;
    private final List<float[]> dense; // of the windows and then the prompts; null where likelihood counts

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
        this.dense = aim == Aim.LIKELIHOOD ? null
                : IntStream.range(0, windows.size() + prompts.size()).mapToObj(i -> nats(i, BlockSelector.dense()))
                .toList();
    }

    /// Thresholds of the heads, of which 32-bit numbers are below 1.
    public GateThresholds thresholds(double[] logs) {
        return goal.thresholds(Arrays.stream(logs).map(Math::exp)
                .map(value -> Math.min(value, Math.nextDown(1f))).boxed().toList());
    }

    @Override
    public HeadSearch.Reading read(double[] logs) {
        var rules = thresholds(logs).rules(gate.layers(), gate.config().activation(), windows.getFirst().length);
        var selector = goal.corrected(new GateSelector(gate, "gate:heads", tokens -> rules, goal.forced()));
        double text = 0;
        double density = 0;
        for (int i = 0; i < windows.size(); i++) {
            var report = report(i, selector);
            text += mean(i, report.scores().negativeLogLikelihood(), 0) / windows.size();
            density += report.density() / windows.size();
        }
        double answers = 0;
        for (int i = 0; i < prompts.size(); i++) {
            int lesson = windows.size() + i;
            answers += mean(lesson, nats(lesson, selector), prompts.get(i).answerStart() - 1) / prompts.size();
        }
        return new HeadSearch.Reading(logs, text, answers, density);
    }

    /// @param lesson window or prompt, the prompts behind the windows
    private PrefillReport report(int lesson, BlockSelector selector) {
        int[] tokens = lesson < windows.size() ? windows.get(lesson) : prompts.get(lesson - windows.size()).tokens();
        return session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
    }

    private float[] nats(int lesson, BlockSelector selector) {
        return report(lesson, selector).scores().negativeLogLikelihood();
    }

    /// Mean over the positions from `first` on that have a successor.
    private double mean(int lesson, float[] nats, int first) {
        return IntStream.range(first, nats.length - 1).mapToDouble(t -> dense == null ? nats[t]
                : Math.abs(nats[t] - dense.get(lesson)[t])).average().orElse(0);
    }
}
