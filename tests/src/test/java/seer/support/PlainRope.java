package seer.support;

import java.util.Locale;
import seer.model.load.DType;

/// How a [TinyModel] turns positions into angles, by the published formulas in plain double precision, and how its
/// files say so.
///
/// @param type     `default`, `linear`, `dynamic`, `llama3` or `yarn`
/// @param original tokens of the context before it was stretched
public record PlainRope(double theta, String type, double factor, int original) {
    private static final double LOW = 1;
    private static final double HIGH = 4;
    private static final double FAST = 32;
    private static final double SLOW = 1;

    public static PlainRope plain(double theta) {
        return new PlainRope(theta, "default", 1, 4096);
    }

    /// Of each pair of a vector's elements, for a text of so many tokens.
    public double[] frequencies(int width, int tokens) {
        double base = type.equals("dynamic") && tokens > original
                ? theta * Math.pow(factor * tokens / original - (factor - 1), width / (width - 2.0)) : theta;
        var frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double f = Math.pow(base, -2.0 * i / width);
            frequencies[i] = switch (type) {
                case "linear" -> f / factor;
                case "llama3" -> llama3(f);
                case "yarn" -> yarn(f, i, width);
                default -> f;
            };
        }
        return frequencies;
    }

    private double llama3(double f) {
        double wave = 2 * Math.PI / f;
        if (wave < original / HIGH) {
            return f;
        }
        if (wave > original / LOW) {
            return f / factor;
        }
        double smooth = (original / wave - LOW) / (HIGH - LOW);
        return (1 - smooth) * f / factor + smooth * f;
    }

    private double yarn(double f, int pair, int width) {
        double low = Math.max(Math.floor(turning(FAST, width)), 0);
        double high = Math.min(Math.ceil(turning(SLOW, width)), width - 1);
        double ramp = Math.min(Math.max((pair - low) / (high - low), 0), 1);
        return f / factor * ramp + f * (1 - ramp);
    }

    /// The pair that turns so often in the original context.
    private double turning(double turns, int width) {
        return width * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    /// What rotated vectors are multiplied by.
    public double length() {
        return type.equals("yarn") ? 0.1 * Math.log(factor) + 1 : 1;
    }

    /// `max_position_embeddings`: with llama3's scaling and linear's the stretched context, else the original one.
    int positions() {
        return type.equals("dynamic") || type.equals("yarn") ? original : 4096;
    }

    /// Fields of config.json.
    String json() {
        String fields = switch (type) {
            case "llama3" -> ", \"low_freq_factor\": %s, \"high_freq_factor\": %s, %s".formatted(LOW, HIGH,
                    "\"original_max_position_embeddings\": " + original);
            case "yarn" -> ", \"original_max_position_embeddings\": " + original;
            default -> "";
        };
        return "\"rope_theta\": %s, \"rope_scaling\": %s".formatted(theta, type.equals("default") ? "null"
                : "{\"rope_type\": \"" + type + "\", \"factor\": " + factor + fields + "}");
    }

    /// Keys of a GGUF file; llama3's scaling is a tensor there.
    void write(GgufWriter writer, String arch, int headWidth) {
        writer.put(arch + ".rope.freq_base", (float) theta).put(arch + ".context_length", positions());
        switch (type) {
            case "default" -> { }
            case "linear", "yarn" -> writer.put(arch + ".rope.scaling.type", type)
                    .put(arch + ".rope.scaling.factor", (float) factor)
                    .put(arch + ".rope.scaling.original_context_length", original);
            case "llama3" -> {
                double[] plain = plain(theta).frequencies(headWidth, 1);
                double[] scaled = frequencies(headWidth, 1);
                var divisors = new float[plain.length];
                for (int i = 0; i < divisors.length; i++) {
                    divisors[i] = (float) (plain[i] / scaled[i]);
                }
                writer.tensor("rope_freqs.weight", DType.F32, divisors, divisors.length);
            }
            default -> throw new IllegalArgumentException(type.toUpperCase(Locale.ROOT) + " is nothing GGUF has");
        }
    }
}
