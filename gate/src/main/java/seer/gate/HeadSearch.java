package seer.gate;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/// Thresholds of heads by which one block more is worth the same to the model in every head, at a density of all.
///
/// Each round raises and lowers every head's threshold by itself and reads again: what the model then loses, and what
/// it computes. Through the three points of a head goes a parabola each, and all heads move to where loss and density
/// at one price are least together; the price is the one at which the density stays. Then all thresholds move together
/// until the density is right, and the round counts if the model loses less than before; else the next one takes half
/// the step.
///
/// @param reader  of thresholds
/// @param density wanted, all counted
/// @param fixed   what of it no threshold changes: a correction's share
/// @param answers share of the answers in the loss; the rest is the texts'
public record HeadSearch(Reader reader, double density, double fixed, double answers) {
    private static final double FIRST_STEP = Math.log(2);
    private static final int FITS = 8;
    private static final double STEEPEST = 3;
    private static final double FLATTEST = 0.1;
    private static final double CLOSE = 0.002; // relative, of the density
    private static final int HALVINGS = 60;
    private static final double LEAST_PRICE = 1e-6;
    private static final double HIGHEST_PRICE = 1e3;

    /// Reads with thresholds.
    @FunctionalInterface
    public interface Reader {
        /// @param logs logarithms of the thresholds, head by head
        Reading read(double[] logs);
    }

    /// What thresholds gave.
    ///
    /// @param logs    logarithms of the thresholds, head by head
    /// @param text    nats per token of the texts
    /// @param answers nats per token of the answers
    public record Reading(double[] logs, double text, double answers, double density) { }

    /// The best of what `rounds` rounds find.
    ///
    /// @param first logarithms of the thresholds to begin with
    /// @param each  told of what it begins with, and of the best after each round
    public Reading run(double[] first, int rounds, DoubleConsumer progress, Consumer<Reading> each) {
        Reading best = fitted(first);
        each.accept(best);
        double step = FIRST_STEP;
        for (int round = 0; round < rounds; round++) {
            double done = (double) round / rounds;
            Reading tried = fitted(moved(best, step, share -> progress.accept(done + share / rounds)));
            if (loss(tried) < loss(best)) {
                best = tried;
            } else {
                step /= 2;
            }
            each.accept(best);
        }
        return best;
    }

    private double loss(Reading reading) {
        return (1 - answers) * reading.text() + answers * reading.answers();
    }

    /// Each head by itself up and down a step, and all of them to where that is best.
    private double[] moved(Reading from, double step, DoubleConsumer progress) {
        int heads = from.logs().length;
        var loss = new Parabola[heads];
        var kept = new Parabola[heads];
        for (int h = 0; h < heads; h++) {
            Reading lower = reader.read(shifted(from.logs(), h, -step));
            Reading higher = reader.read(shifted(from.logs(), h, step));
            loss[h] = new Parabola(loss(lower) - loss(from), loss(higher) - loss(from));
            kept[h] = new Parabola(lower.density() - from.density(), higher.density() - from.density());
            progress.accept((h + 1.0) / heads);
        }
        var logs = from.logs().clone();
        double[] steps = steps(loss, kept);
        Arrays.setAll(logs, h -> logs[h] + step * steps[h]);
        return logs;
    }

    /// Steps of the heads, each between -1 and 1, that are best at the price at which the density stays.
    private static double[] steps(Parabola[] loss, Parabola[] kept) {
        double low = Math.log(LEAST_PRICE);
        double high = Math.log(HIGHEST_PRICE);
        var steps = new double[loss.length];
        for (int i = 0; i < HALVINGS; i++) {
            double price = Math.exp((low + high) / 2);
            double change = 0;
            for (int h = 0; h < loss.length; h++) {
                steps[h] = loss[h].plus(price, kept[h]).least();
                change += kept[h].at(steps[h]);
            }
            if (change > 0) {
                low = Math.log(price); // too many blocks: they are too cheap
            } else {
                high = Math.log(price);
            }
        }
        return steps;
    }

    /// Moves all thresholds together until the density is the wanted one, along the line through the last two readings
    /// in the logarithms; at first what is chosen is taken to be inverse to the thresholds.
    private Reading fitted(double[] logs) {
        Reading last = reader.read(logs);
        double slope = -1;
        for (int i = 0; i < FITS && Math.abs(last.density() / density - 1) > CLOSE; i++) {
            double shift = Math.clamp(Math.log((density - fixed) / (last.density() - fixed)) / slope, -1, 1);
            Reading next = reader.read(Arrays.stream(last.logs()).map(log -> log + shift).toArray());
            double measured = Math.log((next.density() - fixed) / (last.density() - fixed)) / shift;
            slope = measured < 0 ? Math.clamp(measured, -STEEPEST, -FLATTEST) : slope;
            last = next;
        }
        return last;
    }

    private static double[] shifted(double[] logs, int head, double by) {
        var other = logs.clone();
        other[head] += by;
        return other;
    }

    /// Through a point at -1, 0 at 0, and a point at 1.
    record Parabola(double lower, double higher) {

        Parabola plus(double factor, Parabola other) {
            return new Parabola(lower + factor * other.lower, higher + factor * other.higher);
        }

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
