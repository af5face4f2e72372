package seer.model;

import seer.model.backend.Rotary;

/// How positions turn into rotation angles: a base and, for models stretched to longer contexts, a scaling.
public record RopeConfig(double theta, Scaling scaling) {

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
    }

    public RopeConfig {
        atLeast("rope_theta", theta, 1);
    }

    private static void atLeast(String field, double value, double least) {
        if (!(value >= least && Double.isFinite(value))) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted at least " + (long) least);
        }
    }

    /// The rotation for vectors of this width: heads and gates may differ in it.
    public Rotary rotary(int width) {
        var plain = Rotary.plain(width, theta);
        double[] frequency = plain.inverseFrequency();
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = scaled(frequency[i]);
        }
        return plain;
    }

    private double scaled(double frequency) {
        return switch (scaling) {
            case Scaling.None() -> frequency;
            case Scaling.Linear(double factor) -> frequency / factor;
            case Scaling.Llama3(double factor, double low, double high, double original) -> {
                double turns = original * frequency / (2 * Math.PI); // in the original context
                double kept = Math.clamp((turns - low) / (high - low), 0, 1);
                yield kept * frequency + (1 - kept) * frequency / factor;
            }
        };
    }
}
