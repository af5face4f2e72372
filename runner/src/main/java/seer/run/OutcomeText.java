package seer.run;

import java.io.PrintWriter;
import java.util.Locale;
import seer.run.cluster.PrefillOutcome;

/// What commands that read many documents say at their end.
final class OutcomeText {
    private OutcomeText() { }

    /// @param output as the user names it
    static void print(PrefillOutcome outcome, Object output, PrintWriter out) {
        out.printf(Locale.ROOT, "%s in %s, of them %d with an error and %d read by an earlier run%s%n",
                Count.of(outcome.documents(), "document"), output, outcome.errors(), outcome.before(),
                outcome.gone() == 0 ? "" : ", of which " + outcome.gone() + " not in the input any more");
        long read = outcome.documents() - outcome.before();
        if (read > 0) {
            out.printf(Locale.ROOT, "this run: %s, %s in %.1f s: %.2f documents/s, %,.0f tokens/s%n",
                    Count.of(read, "document"), Count.of(outcome.tokens(), "token"), outcome.seconds(),
                    read / outcome.seconds(), outcome.tokens() / outcome.seconds());
        }
        outcome.figures().forEach((name, value) -> out.printf(Locale.ROOT, "  %-32s %,d%n", name, value));
    }
}
