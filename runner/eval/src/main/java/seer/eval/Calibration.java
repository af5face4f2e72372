package seer.eval;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import seer.gate.rival.Criterion;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;

/// Finds the setting of a rule that reaches a density on a text: rules other than top-k can only be compared at equal
/// density.
public final class Calibration {
    private static final int STEPS = 14;
    private static final double CLOSE_ENOUGH = 0.01; // of the wanted density
    private static final double SMALLEST_THRESHOLD = 1e-7;
    private static final double LARGEST_THRESHOLD = 0.9;

    private Calibration() { }

    /// A setting and the density it reached.
    public record Setting(double value, double density) { }

    /// Bisects the setting of a criterion over prefills of `prompts`.
    ///
    /// @param criterion a threshold, which is bisected logarithmically and lowers the density, or another, such as a
    ///                  mass, between 0 and 1, which raises it
    /// @param selector  of a setting
    public static Setting find(Session session, List<int[]> prompts, Criterion criterion, double wanted,
                               DoubleFunction<BlockSelector> selector) {
        DoubleUnaryOperator density = setting -> density(session, prompts, selector.apply(setting));
        return criterion.rising() ? bisect(density, 0, 1, wanted, DoubleUnaryOperator.identity())
                : bisect(t -> density.applyAsDouble(Math.exp(-t)), -Math.log(LARGEST_THRESHOLD),
                        -Math.log(SMALLEST_THRESHOLD), wanted, t -> Math.exp(-t));
    }

    /// The mean density that a selector reaches on `prompts`.
    public static double density(Session session, List<int[]> prompts, BlockSelector selector) {
        double sum = 0;
        int count = 0;
        for (int[] prompt : prompts) {
            sum += session.prefill(PrefillRequest.of(prompt, selector)).density();
            count++;
        }
        return sum / count;
    }

    /// The point of a rising density that comes closest to the one wanted.
    static Setting bisect(DoubleUnaryOperator density, double low, double high, double wanted,
                          DoubleUnaryOperator setting) {
        double from = low;
        double to = high;
        Setting best = null;
        for (int i = 0; i < STEPS; i++) {
            double middle = (from + to) / 2;
            double reached = density.applyAsDouble(middle);
            if (best == null || Math.abs(reached - wanted) < Math.abs(best.density() - wanted)) {
                best = new Setting(setting.applyAsDouble(middle), reached);
            }
            if (Math.abs(reached - wanted) <= CLOSE_ENOUGH * wanted) {
                break;
            }
            if (reached < wanted) {
                from = middle;
            } else {
                to = middle;
            }
        }
        return best;
    }

    /// Windows of `length` tokens, one after the other.
    ///
    /// @throws IllegalArgumentException if the text is too short for one
    public static List<int[]> windows(int[] tokens, int length, int count) {
        int windows = Math.min(count, tokens.length / length);
        if (windows < 1) {
            throw new IllegalArgumentException("the text to calibrate on has " + tokens.length
                    + " tokens, wanted at least one window of " + length);
        }
        var parts = new int[windows][];
        Arrays.setAll(parts, w -> Arrays.copyOfRange(tokens, w * length, (w + 1) * length));
        return Arrays.asList(parts);
    }
}
