package seer.model;

import seer.model.backend.Rotary;

/// How positions turn into rotation angles: a base and, for models stretched to longer contexts, a scaling.
public record RopeConfig(double theta, Scaling scaling) {

    /// Changes the plain frequencies of a model trained on shorter texts.
    public sealed interface Scaling {
        /// Frequencies as they are.
        record None() implements Scaling { }

        /// Every frequency divided by `factor`.
        record Linear(double factor) implements Scaling { }

        /// Llama 3.1: low frequencies divided by `factor`, high ones kept, a ramp between.
        record Llama3(double factor, double lowFactor, double highFactor, double originalContext)
                implements Scaling { }
    }

    public RopeConfig {
        if (!(theta > 0)) {
            throw new IllegalArgumentException("rope_theta is " + theta + ", wanted above 0");
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
