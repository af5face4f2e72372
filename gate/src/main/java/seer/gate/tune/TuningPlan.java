package seer.gate.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.course.Draw;

/// How long a model is fine-tuned, and how.
///
/// @param part    weights that change
/// @param density of attention; null for dense attention without gates
/// @param gates   weight of the gates' loss beside the model's; 0 for frozen gates
/// @param factor  of YaRN; 1 for the context that the model has
/// @param lengths tokens of a sequence; of several, one is drawn for each sequence
/// @param steps   changes of the weights
/// @param batch   sequences whose gradients are added up for a step, one after the other
/// @param warmUp  steps until the learning rates are at their highest
/// @param rates   highest learning rates
/// @param clip    largest norm of the whole gradient
/// @param decay   weight decay
/// @param seed    of sequences and their order, and of first low-rank weights
public record TuningPlan(TunedPart part, DensitySchedule density, double gates, double factor, List<Integer> lengths,
                         int steps, int batch, int warmUp, Rates rates, double clip, double decay, long seed) {
    private static final int LENGTH = 4;

    /// Highest learning rates.
    ///
    /// @param model of the model's weights
    /// @param gates of the gates' weights
    public record Rates(double model, double gates) {
        public Rates {
            positive("learning rate", model);
            positive("learning rate of the gates", gates);
        }
    }

    public TuningPlan {
        lengths = List.copyOf(lengths);
        if (lengths.isEmpty() || lengths.stream().anyMatch(length -> length < 2)) {
            throw new IllegalArgumentException("lengths are " + lengths
                    + ", wanted at least one, and 2 tokens in each");
        }
        positive("steps", steps);
        positive("batch", batch);
        positive("clip", clip);
        if (warmUp < 0) {
            throw new IllegalArgumentException("warm-up is " + warmUp + ", wanted at least 0");
        }
        atLeast("weight decay", decay, 0);
        atLeast("weight of the gates' loss", gates, 0);
        atLeast("factor of YaRN", factor, 1);
        if (density == null && gates > 0) {
            throw new IllegalArgumentException("the gates' loss weighs " + gates
                    + ", wanted 0 where attention is dense and has none");
        }
    }

    /// Tokens of sequence `index`.
    public int length(long index) {
        return lengths.get(Draw.below(lengths.size(), seed, index, LENGTH));
    }

    /// Tokens of the longest sequence.
    public int longest() {
        return lengths.stream().mapToInt(length -> length).max().orElseThrow();
    }

    /// Sequences of all steps.
    public long sequences() {
        return (long) steps * batch;
    }

    /// Whether the gates learn too.
    public boolean trainsGates() {
        return gates > 0;
    }

    /// Everything that the result depends on, in words, by name of its option.
    ///
    /// @param model hash of the weights that it starts from
    /// @param gate  hash of the gates' likewise; empty without gates
    /// @param data  hash of the training data
    Map<String, String> settings(String model, String gate, String data) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("model", model);
        settings.put("gate", gate);
        settings.put("text", data);
        settings.put("train", part.text());
        settings.put("density", density == null ? "dense" : density.text());
        settings.put("gate-weight", Double.toString(gates));
        settings.put("gate-lr", Double.toString(rates.gates()));
        settings.put("yarn", Double.toString(factor));
        settings.put("length", lengths.toString());
        settings.put("steps", Integer.toString(steps));
        settings.put("batch", Integer.toString(batch));
        settings.put("warmup", Integer.toString(warmUp));
        settings.put("lr", Double.toString(rates.model()));
        settings.put("clip", Double.toString(clip));
        settings.put("weight-decay", Double.toString(decay));
        settings.put("seed", Long.toString(seed));
        return settings;
    }

    private static void positive(String field, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted a finite number above 0");
        }
    }

    private static void positive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted at least 1");
        }
    }

    private static void atLeast(String field, double value, double least) {
        if (!(value >= least && Double.isFinite(value))) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted at least " + (int) least);
        }
    }
}
