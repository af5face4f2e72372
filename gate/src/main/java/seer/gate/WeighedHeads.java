package seer.gate;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// What the heads of a [HeadSearch] weigh that are weighed all at once, as far as it is known.
///
/// A head's share comes out of readings that all the others move too, and for most heads chance is larger than it. So
/// where several designs were weighed, what they differ by says how large chance is, and a head is taken to weigh what
/// it would if a block were worth the same everywhere, unless it was found to be farther off than chance alone goes;
/// then by as much as is beyond that. All rounds count: a head is taken to lose in proportion to its threshold, and to
/// keep blocks in inverse proportion, so that what was found at one threshold tells of another.
final class WeighedHeads {
    private static final double BEYOND = 2; // standard deviations that are left to chance

    private final double[] products; // losses times thresholds, of all rounds
    private final double[] squares; // of thresholds
    private double[] first = {}; // logarithms of the thresholds that the others are measured by
    private double[] places; // thresholds now, over the first
    private double[] kept;
    private double chance; // variance of a round's losses
    private int rounds;

    WeighedHeads(int heads) {
        products = new double[heads];
        squares = new double[heads];
    }

    /// Another round's.
    ///
    /// @param logs   logarithms of the thresholds
    /// @param losses by design and head: nats that 1 more in the logarithm costs
    /// @param blocks by head: how it changes the density
    void add(double[] logs, double[][] losses, double[] blocks) {
        if (losses.length == 1 || first.length == 0) { // of one design nothing says what is chance: the last one counts
            first = logs.clone();
            Arrays.fill(products, 0);
            Arrays.fill(squares, 0);
        }
        places = each(h -> Math.exp(logs[h] - first[h]));
        kept = blocks;
        rounds++;
        chance += (variance(losses) - chance) / rounds;
        for (int h = 0; h < products.length; h++) {
            products[h] += mean(losses, h) * places[h];
            squares[h] += places[h] * places[h];
        }
    }

    /// How the density changes by 1 more in the logarithm.
    double[] kept() {
        return kept;
    }

    /// Nats that 1 more in the logarithm costs.
    double[] loss() {
        double[] found = each(h -> products[h] / squares[h] * places[h]);
        double price = Arrays.stream(found).sum() / -Arrays.stream(kept).sum();
        return price > 0 ? each(h -> price * -kept[h] + beyondChance(found[h] - price * -kept[h], h)) : found;
    }

    private double beyondChance(double off, int head) {
        double left = BEYOND * Math.sqrt(chance / squares[head]) * places[head];
        return Math.signum(off) * Math.max(0, Math.abs(off) - left);
    }

    /// Of the mean over designs, from what they differ by; 0 of one alone.
    private double variance(double[][] losses) {
        int designs = losses.length;
        if (designs == 1) {
            return 0;
        }
        double[] squared = each(h -> Arrays.stream(losses).mapToDouble(one -> Math.pow(one[h] - mean(losses, h), 2))
                .sum());
        return Arrays.stream(squared).average().orElse(0) / designs / (designs - 1);
    }

    private static double mean(double[][] losses, int head) {
        return Arrays.stream(losses).mapToDouble(one -> one[head]).average().orElse(0);
    }

    private double[] each(IntToDoubleFunction of) {
        return IntStream.range(0, products.length).mapToDouble(of).toArray();
    }
}
