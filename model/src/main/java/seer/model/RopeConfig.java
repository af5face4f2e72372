package seer.model;

import java.util.List;
import seer.model.backend.Rotary;

/// Which angles positions are rotated by: a base and, for models stretched to longer contexts, a scaling.
public record RopeConfig(double theta, Scaling scaling) {
    /// Turns in the original context between which YaRN's ramp lies, as the paper has them for Llama.
    private static final double FAST = 32;
    private static final double SLOW = 1;

    /// Changes the plain frequencies of a model trained on shorter texts.
    public sealed interface Scaling {
        /// Frequencies as they are.
        record None() implements Scaling { }

        /// Every frequency divided by `factor`.
        record Linear(double factor) implements Scaling {
            public Linear {
                atLeast("factor", factor, 1);
            }
        }

        /// Frequencies as they are for texts of up to `context` tokens; for longer ones the base grows with the text,
        /// so that the lowest frequency turns no further than it did ("NTK-aware").
        record Dynamic(double factor, int context) implements Scaling {
            public Dynamic {
                atLeast("factor", factor, 1);
                atLeast("max_position_embeddings", context, 1);
            }
        }

        /// Llama 3.1: low frequencies divided by `factor`, high ones kept, a ramp between.
        record Llama3(double factor, double lowFactor, double highFactor, double originalContext)
                implements Scaling {
            public Llama3 {
                atLeast("factor", factor, 1);
                if (!(lowFactor > 0 && highFactor > lowFactor && Double.isFinite(highFactor))) {
                    throw new IllegalArgumentException("high_freq_factor is " + highFactor
                            + ", wanted a number above low_freq_factor, which is " + lowFactor + ", and both above 0");
                }
                atLeast("original_max_position_embeddings", originalContext, 1);
            }
        }

        /// YaRN ([2309.00071](https://arxiv.org/abs/2309.00071)): frequencies that turn fewer than `slow` times in the
        /// original context divided by `factor`, those that turn more than `fast` times kept, a ramp over the pairs
        /// between; and all rotated vectors made longer, which sharpens attention.
        ///
        /// @param attention how much longer
        /// @param truncate  whether the ramp begins and ends at whole pairs
        record Yarn(double factor, double originalContext, double fast, double slow, double attention,
                    boolean truncate) implements Scaling {
            public Yarn {
                atLeast("factor", factor, 1);
                atLeast("original_max_position_embeddings", originalContext, 1);
                if (!(slow > 0 && fast > slow && Double.isFinite(fast))) {
                    throw new IllegalArgumentException("beta_fast is " + fast
                            + ", wanted a number above beta_slow, which is " + slow + ", and both above 0");
                }
                if (!(attention > 0 && attention <= 100)) {
                    throw new IllegalArgumentException("attention_factor is " + attention
                            + ", wanted above 0 and at most 100");
                }
            }

            /// What the paper recommends: `0.1 ln(factor) + 1`.
            public static double attention(double factor) {
                return attention(factor, 1);
            }

            /// The same with a weight of its own on the logarithm.
            public static double attention(double factor, double weight) {
                return 0.1 * weight * Math.log(factor) + 1;
            }
        }

        /// Every frequency divided by a factor of its own, which fits heads of one width.
        record Factors(List<Double> divisors) implements Scaling {
            public Factors {
                divisors = List.copyOf(divisors);
                for (double divisor : divisors) {
                    if (!(divisor > 0 && Double.isFinite(divisor))) {
                        throw new IllegalArgumentException("a factor of the frequencies is " + divisor
                                + ", wanted above 0");
                    }
                }
            }
        }
    }

    public RopeConfig {
        atLeast("rope_theta", theta, 1);
    }

    /// Stretched by YaRN, once more where it was already: for texts `factor` times as long.
    ///
    /// @param context tokens that it is for now
    /// @throws IllegalArgumentException if it is stretched in another way, or the factor is no more than 1
    RopeConfig stretched(double factor, int context) {
        if (!(factor > 1 && factor <= 1000)) {
            throw new IllegalArgumentException("the factor of YaRN is " + factor + ", wanted above 1 and at most 1000");
        }
        return switch (scaling) {
            case Scaling.None _ -> new RopeConfig(theta, new Scaling.Yarn(factor, context, FAST, SLOW,
                    Scaling.Yarn.attention(factor), true));
            case Scaling.Yarn yarn -> new RopeConfig(theta, new Scaling.Yarn(yarn.factor() * factor,
                    yarn.originalContext(), yarn.fast(), yarn.slow(),
                    Scaling.Yarn.attention(yarn.factor() * factor), yarn.truncate()));
            default -> throw new IllegalArgumentException("the model's rotation is scaled by "
                    + scaling.getClass().getSimpleName() + ", wanted none or Yarn to stretch it further");
        };
    }

    private static void atLeast(String field, double value, double least) {
        if (!(value >= least && Double.isFinite(value))) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted at least " + (long) least);
        }
    }

    /// The rotation for vectors of this width in a text of so many tokens: heads and gates may differ in the width.
    ///
    /// @throws IllegalArgumentException if the scaling is for another width
    public Rotary rotary(int width, int tokens) {
        if (scaling instanceof Scaling.Factors(List<Double> divisors) && divisors.size() != width / 2) {
            throw new IllegalArgumentException("vectors to rotate are " + width + " wide, wanted "
                    + 2 * divisors.size() + ", since the model has a factor for each of its frequencies");
        }
        double base = scaling instanceof Scaling.Dynamic(double factor, int context) && tokens > context && width > 2
                ? theta * Math.pow(factor * tokens / context - (factor - 1), width / (width - 2.0)) : theta;
        double[] frequency = Rotary.plain(width, base).inverseFrequency();
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = scaled(frequency[i], i, width);
        }
        return new Rotary(frequency, scaling instanceof Scaling.Yarn yarn ? yarn.attention() : 1);
    }

    private double scaled(double frequency, int pair, int width) {
        return switch (scaling) {
            case Scaling.None(), Scaling.Dynamic _ -> frequency;
            case Scaling.Linear(double factor) -> frequency / factor;
            case Scaling.Factors(List<Double> divisors) -> frequency / divisors.get(pair);
            case Scaling.Llama3(double factor, double low, double high, double original) -> {
                double turns = original * frequency / (2 * Math.PI); // in the original context
                double kept = Math.clamp((turns - low) / (high - low), 0, 1);
                yield kept * frequency + (1 - kept) * frequency / factor;
            }
            case Scaling.Yarn yarn -> {
                double first = pair(yarn, yarn.fast(), width);
                double last = pair(yarn, yarn.slow(), width);
                first = Math.max(yarn.truncate() ? Math.floor(first) : first, 0);
                last = Math.min(yarn.truncate() ? Math.ceil(last) : last, width - 1.0);
                double divided = Math.clamp((pair - first) / (last == first ? 0.001 : last - first), 0, 1);
                yield divided * frequency / yarn.factor() + (1 - divided) * frequency;
            }
        };
    }

    /// The pair, whole or not, that turns so many times in the original context.
    private double pair(Scaling.Yarn yarn, double turns, int width) {
        return width * Math.log(yarn.originalContext() / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
}
