package seer.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleFunction;

/// Thresholds of heads by which one block more is worth the same to the model in every head, at a density of all.
///
/// Each round weighs the heads and moves them to where loss and density at one price are least together; the price is
/// the one at which the density stays. Then all thresholds move together until the density is right, and the round
/// counts if the model loses less than before; else the next one takes half the step. Heads are weighed in one of two
/// ways:
///
/// - Each by itself: its threshold is raised and lowered and everything read again. Through the three points goes a
///   parabola each, of what the model loses and of what it computes.
/// - All at once, as on a balance: in every trial each head's threshold is raised or lowered as a [WeighingDesign]
///   says, and read is one prompt, or where there are none one text, others in every pair of trials. Each head's share
///   comes out of all trials together, so that chance counts as much less as there are heads, and every prompt is used.
///   What a block is worth is taken to go with the square of its threshold; [WeighedHeads] tell it from chance. A move
///   that does not help is halved up to three times.
///
/// @param reader   of thresholds
/// @param density  wanted, all counted
/// @param fixed    what of it no threshold changes: a correction's share
/// @param answers  share of the answers in the loss; the rest is the texts'
/// @param together designs that all heads are weighed in; 0 to weigh each by itself
public record HeadSearch(Reader reader, double density, double fixed, double answers, int together) {
    private static final double POWER = 2;
    private static final int SHORTER = 3; // halvings of a move that heads weighed together make
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
        /// With all texts and prompts.
        ///
        /// @param logs logarithms of the thresholds, head by head
        Reading read(double[] logs);

        /// What share of the causal blocks thresholds keep, all counted: for less than what reading everything costs,
        /// where that is possible.
        default double density(double[] logs) {
            return read(logs).density();
        }

        /// What each of the trials gives, in their order.
        default List<Reading> read(List<Trial> trials, DoubleConsumer progress) {
            var readings = new ArrayList<Reading>();
            for (var trial : trials) {
                readings.add(read(trial.logs()));
                progress.accept((double) readings.size() / trials.size());
            }
            return readings;
        }
    }

    /// Thresholds to be read with.
    ///
    /// @param logs logarithms of the thresholds, head by head
    /// @param lot  the prompt, or where there are none the text, that is read, counted round and round; [#ALL] for all
    public record Trial(double[] logs, int lot) {
        /// All texts and prompts.
        public static final int ALL = -1;
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
        var known = new WeighedHeads(first.length);
        for (int round = 0; round < rounds; round++) {
            double done = (double) round / rounds;
            double[] logs = moved(best, step, known, share -> progress.accept(done + share / rounds));
            Reading tried = fitted(logs);
            for (int i = 0; i < SHORTER && together > 0 && loss(tried) >= loss(best); i++) {
                logs = between(best.logs(), logs);
                tried = fitted(logs);
            }
            if (loss(tried) < loss(best)) {
                best = tried;
            } else {
                step /= 2;
            }
            each.accept(best);
        }
        return best;
    }

    /// Half of the way.
    private static double[] between(double[] from, double[] to) {
        var middle = from.clone();
        Arrays.setAll(middle, h -> (from[h] + to[h]) / 2);
        return middle;
    }

    private double loss(Reading reading) {
        return (1 - answers) * reading.text() + answers * reading.answers();
    }

    private double[] moved(Reading from, double step, WeighedHeads known, DoubleConsumer progress) {
        double[] steps = together == 0 ? alone(from, step, progress) : weighed(from, step, known, progress);
        var logs = from.logs().clone();
        Arrays.setAll(logs, h -> logs[h] + step * steps[h]);
        return logs;
    }

    /// Each head by itself up and down a step: the steps of all of them that are best.
    private double[] alone(Reading from, double step, DoubleConsumer progress) {
        int heads = from.logs().length;
        var trials = new ArrayList<Trial>();
        for (int h = 0; h < heads; h++) {
            trials.add(new Trial(shifted(from.logs(), h, -step), Trial.ALL));
            trials.add(new Trial(shifted(from.logs(), h, step), Trial.ALL));
        }
        var readings = reader.read(trials, progress);
        var loss = new Parabola[heads];
        var kept = new Parabola[heads];
        for (int h = 0; h < heads; h++) {
            Reading lower = readings.get(2 * h);
            Reading higher = readings.get(2 * h + 1);
            loss[h] = new Parabola(loss(lower) - loss(from), loss(higher) - loss(from));
            kept[h] = new Parabola(lower.density() - from.density(), higher.density() - from.density());
        }
        return steps(loss, kept);
    }

    /// All heads at once, in pairs of trials of which one does the opposite of the other.
    private double[] weighed(Reading from, double step, WeighedHeads known, DoubleConsumer progress) {
        int heads = from.logs().length;
        var design = WeighingDesign.of(heads);
        int pairs = together * design.size();
        var trials = new ArrayList<Trial>();
        for (int pair = 0; pair < pairs; pair++) {
            trials.add(new Trial(shifted(from.logs(), design, pair, step), pair));
            trials.add(new Trial(shifted(from.logs(), design, pair, -step), pair));
        }
        var readings = reader.read(trials, progress);
        var loss = new double[together][heads];
        var kept = new double[heads];
        for (int pair = 0; pair < pairs; pair++) {
            Reading one = readings.get(2 * pair);
            Reading other = readings.get(2 * pair + 1);
            for (int h = 0; h < heads; h++) {
                double share = design.sign(pair, h) / (2 * step * design.size());
                loss[pair / design.size()][h] += share * (loss(one) - loss(other));
                kept[h] += share / together * (one.density() - other.density());
            }
        }
        known.add(from.logs(), loss, kept);
        return steps(known.loss(), known.kept(), step);
    }

    /// Steps of the heads, each between -1 and 1, after which a block more is worth the same in all of them.
    ///
    /// @param loss what 1 more in the logarithm costs
    /// @param kept how it changes the density
    private static double[] steps(double[] loss, double[] kept, double step) {
        return atPrice(loss.length, price -> {
            var steps = new double[loss.length];
            Arrays.setAll(steps, h -> kept[h] >= 0 ? 0 : loss[h] <= 0 ? 1
                    : Math.clamp(Math.log(price * -kept[h] / loss[h]) / POWER / step, -1, 1));
            return steps;
        }, (h, x) -> kept[h] * x);
    }

    /// Steps of the heads, each between -1 and 1, that are best at the price at which the density stays.
    private static double[] steps(Parabola[] loss, Parabola[] kept) {
        return atPrice(loss.length, price -> {
            var steps = new double[loss.length];
            Arrays.setAll(steps, h -> loss[h].plus(price, kept[h]).least());
            return steps;
        }, (h, x) -> kept[h].at(x));
    }

    /// Steps at the price at which the density stays.
    ///
    /// @param steps  of the heads at a price
    /// @param change of the density, by a head's step
    private static double[] atPrice(int heads, DoubleFunction<double[]> steps, Change change) {
        double low = Math.log(LEAST_PRICE);
        double high = Math.log(HIGHEST_PRICE);
        var best = new double[heads];
        for (int i = 0; i < HALVINGS; i++) {
            double price = Math.exp((low + high) / 2);
            best = steps.apply(price);
            double all = 0;
            for (int h = 0; h < heads; h++) {
                all += change.of(h, best[h]);
            }
            if (all > 0) {
                low = Math.log(price); // too many blocks: they are too cheap
            } else {
                high = Math.log(price);
            }
        }
        return best;
    }

    /// Of the density.
    @FunctionalInterface
    private interface Change {
        double of(int head, double step);
    }

    /// Moves all thresholds together until the density is the wanted one, along the line through the last two readings
    /// in the logarithms; at first what is chosen is taken to be inverse to the thresholds.
    private Reading fitted(double[] logs) {
        double[] last = logs;
        double reached = reader.density(last);
        double slope = -1;
        for (int i = 0; i < FITS && Math.abs(reached / density - 1) > CLOSE; i++) {
            double shift = Math.clamp(Math.log((density - fixed) / (reached - fixed)) / slope, -1, 1);
            last = Arrays.stream(last).map(log -> log + shift).toArray();
            double next = reader.density(last);
            double measured = Math.log((next - fixed) / (reached - fixed)) / shift;
            slope = measured < 0 ? Math.clamp(measured, -STEEPEST, -FLATTEST) : slope;
            reached = next;
        }
        return reader.read(last);
    }

    private static double[] shifted(double[] logs, int head, double by) {
        var other = logs.clone();
        other[head] += by;
        return other;
    }

    private static double[] shifted(double[] logs, WeighingDesign design, int trial, double by) {
        var other = logs.clone();
        Arrays.setAll(other, h -> logs[h] + by * design.sign(trial, h));
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
