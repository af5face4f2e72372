package seer.gate;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleUnaryOperator;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;

/// Thresholds of heads by which one block more is worth the same to the model in every head, at a density of all.
///
/// Each round raises and lowers every head's threshold by itself and reads the texts again: what the model then loses,
/// and what it computes. Through the three points of a head goes a parabola each, and all heads move to where loss and
/// density at one price are least together; the price is the one at which the density stays. Then all thresholds move
/// together until the density is right, and the round counts if the model loses less than before; else the next one
/// takes half the step.
public final class HeadSearch {
    private static final double FIRST_STEP = Math.log(2);
    private static final int FITS = 4;
    private static final double CLOSE = 0.002; // relative, of the density
    private static final int HALVINGS = 60;
    private static final double LEAST_PRICE = 1e-6;
    private static final double HIGHEST_PRICE = 1e3;

    private final AttnGate gate;
    private final Session session;
    private final Lessons lessons;
    private final ThresholdSearch.Goal goal;
    private final int layers;

    /// What is read.
    ///
    /// @param windows texts of equal length; density counts on them alone
    /// @param prompts with their answers, of the same length
    /// @param share   of the loss that is the answers': the rest is the texts'
    public record Lessons(List<int[]> windows, List<RetrievalPrompt> prompts, double share) {
        int length() {
            return windows.getFirst().length;
        }
    }

    /// What thresholds gave.
    ///
    /// @param logs    logarithms of the thresholds, head by head
    /// @param text    nats per token of the texts
    /// @param answers nats per token of the answers
    public record Reading(double[] logs, double text, double answers, double density) { }

    public HeadSearch(AttnGate gate, Session session, Lessons lessons, ThresholdSearch.Goal goal) {
        this.gate = gate;
        this.session = session;
        this.lessons = lessons;
        this.goal = goal;
        this.layers = gate.layers();
    }

    /// Begins with thresholds of one for all heads or one for each, and keeps the best of `rounds`.
    ///
    /// @param each told of what it begins with, and of the best after each round
    public Reading run(List<Double> first, int heads, int rounds, DoubleConsumer progress, Consumer<Reading> each) {
        var logs = new double[heads];
        Arrays.setAll(logs, h -> Math.log(first.get(first.size() == 1 ? 0 : h)));
        Reading best = fitted(logs);
        each.accept(best);
        double step = FIRST_STEP;
        for (int round = 0; round < rounds; round++) {
            Reading tried = fitted(moved(best, step, (round + 0.0) / rounds, 1.0 / rounds, progress));
            if (loss(tried) < loss(best)) {
                best = tried;
            } else {
                step /= 2;
            }
            each.accept(best);
        }
        return best;
    }

    /// The thresholds of a reading.
    public GateThresholds thresholds(Reading reading) {
        return goal.thresholds(values(reading.logs()));
    }

    private double loss(Reading reading) {
        return (1 - lessons.share()) * reading.text() + lessons.share() * reading.answers();
    }

    /// Each head by itself up and down a step, and all of them to where that is best.
    private double[] moved(Reading from, double step, double done, double part, DoubleConsumer progress) {
        int heads = from.logs().length;
        var loss = new Parabola[heads];
        var density = new Parabola[heads];
        for (int h = 0; h < heads; h++) {
            Reading lower = read(shifted(from.logs(), h, -step));
            Reading higher = read(shifted(from.logs(), h, step));
            loss[h] = new Parabola(loss(lower) - loss(from), loss(higher) - loss(from));
            density[h] = new Parabola(lower.density() - from.density(), higher.density() - from.density());
            progress.accept(done + part * (h + 1) / heads);
        }
        double low = Math.log(LEAST_PRICE);
        double high = Math.log(HIGHEST_PRICE);
        var steps = new double[heads];
        for (int i = 0; i < HALVINGS; i++) {
            double price = Math.exp((low + high) / 2);
            double change = 0;
            for (int h = 0; h < heads; h++) {
                steps[h] = new Parabola(loss[h].lower() + price * density[h].lower(),
                        loss[h].higher() + price * density[h].higher()).least();
                change += density[h].at(steps[h]);
            }
            if (change > 0) {
                low = Math.log(price); // too many blocks: they are too cheap
            } else {
                high = Math.log(price);
            }
        }
        var logs = from.logs().clone();
        for (int h = 0; h < heads; h++) {
            logs[h] += step * steps[h];
        }
        return logs;
    }

    /// Moves all thresholds together until the density is the wanted one.
    private Reading fitted(double[] logs) {
        Reading best = read(logs);
        DoubleUnaryOperator wish = reached -> reached - goal.density() + chosen();
        for (int i = 0; i < FITS && Math.abs(best.density() / goal.density() - 1) > CLOSE; i++) {
            double shift = Math.log(wish.applyAsDouble(best.density()) / chosen()); // density is about 1 / threshold
            best = read(Arrays.stream(best.logs()).map(log -> log + shift).toArray());
        }
        return best;
    }

    private double chosen() {
        return goal.chosen(gate.config().block());
    }

    private static double[] shifted(double[] logs, int head, double by) {
        var other = logs.clone();
        other[head] += by;
        return other;
    }

    private Reading read(double[] logs) {
        var rules = goal.thresholds(values(logs)).rules(layers, gate.config().activation(), lessons.length());
        var selector = goal.corrected(new GateSelector(gate, "gate:heads", tokens -> rules,
                new ForcedBlocks(0, goal.keepFirst())));
        double text = 0;
        double density = 0;
        for (int[] window : lessons.windows()) {
            var report = session.prefill(PrefillRequest.of(window, selector).scored(-1));
            text += report.scores().nats(0, window.length - 1) / (window.length - 1) / lessons.windows().size();
            density += report.density() / lessons.windows().size();
        }
        double answers = 0;
        for (RetrievalPrompt prompt : lessons.prompts()) {
            answers += answer(prompt, selector) / lessons.prompts().size();
        }
        return new Reading(logs, text, answers, density);
    }

    private static List<Double> values(double[] logs) {
        return Arrays.stream(logs).map(Math::exp).map(value -> Math.min(value, Math.nextDown(1f))).boxed().toList();
    }

    private double answer(RetrievalPrompt prompt, BlockSelector selector) {
        var scores = session.prefill(PrefillRequest.of(prompt.tokens(), selector).scored(-1)).scores();
        int end = prompt.tokens().length - 1;
        return scores.nats(prompt.answerStart() - 1, end) / (end - prompt.answerStart() + 1);
    }

    /// Through a point at -1, 0 at 0, and a point at 1.
    record Parabola(double lower, double higher) {

        double at(double x) {
            return x * (higher - lower) / 2 + x * x * (higher + lower) / 2;
        }

        /// Where it is least between -1 and 1.
        double least() {
            double bend = higher + lower;
            if (bend <= 0) {
                return lower < higher ? -1 : 1;
            }
            return Math.clamp((lower - higher) / (2 * bend), -1, 1);
        }
    }
}
