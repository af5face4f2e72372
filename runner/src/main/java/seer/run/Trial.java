package seer.run;

import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import seer.eval.WarmUp;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.Perplexity;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.Session;

/// Reads one prompt with one selector and continues it, measuring what a user waits for.
///
/// @param newTokens  tokens to draw, 0 for none
/// @param perplexity whether every position is scored
/// @param warmUp     whether a [WarmUp] goes before the prefill that is measured
record Trial(Session session, LanguageModel model, int newTokens, Sampling sampling, boolean perplexity,
             boolean warmUp) {
    /// What came out: the row and the report behind it.
    record Outcome(Row row, PrefillReport report) { }

    Outcome run(int[] prompt, BlockSelector selector, String wanted, LayerObserver observer,
                DoubleConsumer progress, IntConsumer token) {
        long compiledBefore = model.backend().compileNanos();
        if (warmUp) {
            WarmUp.run(model, session, prompt, selector);
        }
        PeakMemory.reset();
        var request = PrefillRequest.of(prompt, selector).observedBy(observer).reporting(progress);
        var report = session.prefill(perplexity ? request.scored(-1) : request);
        var first = new FirstToken(token);
        int[] answer = session.generate(newTokens, sampling, first);
        double peak = PeakMemory.mebibytes();
        Double value = perplexity ? perplexity(report) : null;
        String text = newTokens > 0 ? model.tokenizer().decode(answer) : null;
        long compiling = model.backend().compileNanos() - compiledBefore;
        return new Outcome(Row.of(selector, report, first.nanos(), peak, value, text, wanted).withCompiling(compiling),
                report);
    }

    /// Of every token but the first, which nothing predicts.
    private static double perplexity(PrefillReport report) {
        int predicted = report.tokens() - 1;
        if (predicted < 1) {
            throw new IllegalArgumentException("the prompt has 1 token, wanted at least 2 for its perplexity");
        }
        return Perplexity.of(report.scores().nats(0, predicted), predicted);
    }

    /// Notes how long the first token took to draw.
    private static final class FirstToken implements IntConsumer {
        private final IntConsumer next;
        private final long start = System.nanoTime();
        private long nanos;

        FirstToken(IntConsumer next) {
            this.next = next;
        }

        @Override
        public void accept(int token) {
            if (nanos == 0) {
                nanos = System.nanoTime() - start;
            }
            next.accept(token);
        }

        long nanos() {
            return nanos;
        }
    }
}
