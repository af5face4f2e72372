package seer.gate;

import java.util.Arrays;
import java.util.List;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;

/// What a [HeadSearch] reads: texts and prompts of one length, with thresholds of heads.
///
/// @param windows texts of equal length; density counts on them alone
/// @param prompts with their answers, of the same length
public record HeadLessons(AttnGate gate, Session session, List<int[]> windows, List<RetrievalPrompt> prompts,
                          ThresholdSearch.Goal goal) implements HeadSearch.Reader {

    /// Thresholds of the heads, of which 32-bit numbers are below 1.
    public GateThresholds thresholds(double[] logs) {
        return goal.thresholds(Arrays.stream(logs).map(Math::exp)
                .map(value -> Math.min(value, Math.nextDown(1f))).boxed().toList());
    }

    @Override
    public HeadSearch.Reading read(double[] logs) {
        var rules = thresholds(logs).rules(gate.layers(), gate.config().activation(), windows.getFirst().length);
        var selector = goal.corrected(new GateSelector(gate, "gate:heads", tokens -> rules,
                new ForcedBlocks(0, goal.keepFirst())));
        double text = 0;
        double density = 0;
        for (int[] window : windows) {
            var report = session.prefill(PrefillRequest.of(window, selector).scored(-1));
            int end = window.length - 1;
            text += report.scores().nats(0, end) / end / windows.size();
            density += report.density() / windows.size();
        }
        return new HeadSearch.Reading(logs, text,
                prompts.stream().mapToDouble(prompt -> answer(prompt, selector)).average().orElse(0), density);
    }

    private double answer(RetrievalPrompt prompt, BlockSelector selector) {
        var scores = session.prefill(PrefillRequest.of(prompt.tokens(), selector).scored(-1)).scores();
        int first = prompt.answerStart() - 1;
        int end = prompt.tokens().length - 1;
        return scores.nats(first, end) / (end - first);
    }
}
