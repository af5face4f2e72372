package seer.gate.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import seer.gate.course.Draw;
import seer.model.load.Quoted;

/// How long and on what gates are trained.
///
/// @param gates   at least one
/// @param lengths tokens of a sequence; of several, one is drawn for each sequence
/// @param steps   changes of the weights
/// @param batch   sequences per step, one after the other
/// @param warmUp  steps until the learning rate is at its highest
/// @param clip    largest norm of a gate's gradient
/// @param decay   weight decay
/// @param seed    of weights, sequences and their order
public record TrainingPlan(List<GateRecipe> gates, List<Integer> lengths, int steps, int batch, int warmUp,
                           double clip, double decay, long seed)
        implements Serializable {
    private static final int LENGTH = 4;

    public TrainingPlan {
        gates = List.copyOf(gates);
        lengths = List.copyOf(lengths);
        if (gates.isEmpty() || gates.stream().map(GateRecipe::name).distinct().count() < gates.size()) {
            throw new IllegalArgumentException("gates are " + gates.stream().map(GateRecipe::name).toList()
                    + ", wanted at least one, and every name once");
        }
        positive("steps", steps);
        positive("batch", batch);
        if (lengths.isEmpty()) {
            throw new IllegalArgumentException("lengths is empty, wanted at least one");
        }
        lengths.forEach(length -> positive("length", length));
        if (warmUp < 0) {
            throw new IllegalArgumentException("warm-up is " + warmUp + ", wanted at least 0");
        }
        if (!(clip > 0)) {
            throw new IllegalArgumentException("clip is " + clip + ", wanted above 0");
        }
        if (!(decay >= 0 && Double.isFinite(decay))) {
            throw new IllegalArgumentException("weight decay is " + decay + ", wanted at least 0");
        }
    }

    /// Tokens of sequence `index`.
    public int length(long index) {
        return lengths.get(Draw.below(lengths.size(), seed, index, LENGTH));
    }

    /// The indices of a step's sequences.
    ///
    /// @param step steps made before it
    LongStream indices(int step) {
        return LongStream.range((long) step * batch, (step + 1L) * batch);
    }

    /// Tokens of the longest sequence.
    public int longest() {
        return lengths.stream().mapToInt(length -> length).max().orElseThrow();
    }

    /// Everything that the result depends on, in words, by name of its option.
    ///
    /// @param model hash of the frozen weights
    /// @param data  hash of the training data
    Map<String, String> settings(String model, String data) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("gate", gates.stream().map(GateRecipeSpec::format).collect(Collectors.joining(" ")));
        settings.put("model", model);
        settings.put("text", data);
        settings.put("length", lengths.toString());
        settings.put("steps", Integer.toString(steps));
        settings.put("batch", Integer.toString(batch));
        settings.put("warmup", Integer.toString(warmUp));
        settings.put("clip", Double.toString(clip));
        settings.put("weight-decay", Double.toString(decay));
        settings.put("seed", Long.toString(seed));
        return settings;
    }

    /// The plan that [#settings] describes.
    ///
    /// @throws IllegalArgumentException naming the setting that is missing or makes no sense
    static TrainingPlan of(Map<String, String> settings) {
        var gates = Arrays.stream(setting(settings, "gate").split(" ")).map(TrainingPlan::gate).toList();
        String list = setting(settings, "length");
        if (!list.matches("\\[\\d{1,9}(, \\d{1,9})*]")) {
            throw new IllegalArgumentException("length is \"" + Quoted.of(list) + "\", wanted a list of numbers");
        }
        var lengths = Arrays.stream(list.substring(1, list.length() - 1).split(", ")).map(Integer::valueOf).toList();
        return new TrainingPlan(gates, lengths, whole(settings, "steps"), whole(settings, "batch"),
                whole(settings, "warmup"), number(settings, "clip"), number(settings, "weight-decay"),
                number(settings, "seed", Long::valueOf));
    }

    /// A gate that leaves nothing unsaid.
    private static GateRecipe gate(String text) {
        var recipe = GateRecipeSpec.parse(text, 64, 1);
        if (!GateRecipeSpec.format(recipe).equals(text)) {
            throw new IllegalArgumentException("gate is \"" + Quoted.of(text) + "\", wanted it in full, such as \""
                    + GateRecipeSpec.format(recipe) + "\"");
        }
        return recipe;
    }

    private static int whole(Map<String, String> settings, String name) {
        return number(settings, name, Integer::valueOf);
    }

    private static double number(Map<String, String> settings, String name) {
        return number(settings, name, Double::valueOf);
    }

    private static <N extends Number> N number(Map<String, String> settings, String name, Function<String, N> parse) {
        String text = setting(settings, name);
        try {
            return parse.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is \"" + Quoted.of(text) + "\", wanted a number", e);
        }
    }

    private static String setting(Map<String, String> settings, String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private static void positive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted at least 1");
        }
    }
}
