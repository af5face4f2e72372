package seer.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;

/// Reads the rotation of queries and keys from `config.json`: from `rope_theta` and `rope_scaling`, or from
/// `rope_parameters`, which holds both since transformers 5.
///
/// Where a file has both, they have to say the same. What is not known inside is refused, not skipped: every field
/// there is about angles, and wrong angles look like a bad model.
final class RopeFile {
    private static final String THETA = "rope_theta";
    private static final String PARAMETERS = "rope_parameters";
    private static final String SCALING = "rope_scaling";
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final double DEFAULT_THETA = 10_000;
    private static final Set<String> LLAMA3 = Set.of("factor", "low_freq_factor", "high_freq_factor",
            ORIGINAL);
    private static final Set<String> YARN = Set.of("factor", ORIGINAL, "attention_factor",
            "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate");
    private static final Set<String> LINEAR = Set.of("factor", ORIGINAL);

    private RopeFile() { }

    /// @param positions `max_position_embeddings`
    static RopeConfig read(JsonFile json, int positions) {
        requireWhole(json, "partial_rotary_factor");
        var parameters = json.optionalObject(PARAMETERS);
        var old = json.optionalObject(SCALING);
        Optional<Double> theta = Optional.empty();
        for (JsonFile part : List.of(json, parameters.orElse(json), old.orElse(json))) {
            theta = same(part, THETA, theta, number(part, THETA));
        }
        var scaling = parameters.map(part -> scaling(part, json, positions));
        if (old.isPresent()) {
            scaling = same(json, SCALING, scaling, old.map(part -> scaling(part, json, positions)));
        }
        try {
            return new RopeConfig(theta.orElse(DEFAULT_THETA), scaling.orElse(new RopeConfig.Scaling.None()));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(json.file(), e.getMessage(), e);
        }
    }

    /// What two places say, as long as they agree.
    private static <T> Optional<T> same(JsonFile json, String field, Optional<T> first, Optional<T> second) {
        if (first.isPresent() && second.isPresent() && !first.equals(second)) {
            throw json.wrong(field, first.get() + ", as it stands elsewhere in the file", second.get());
        }
        return first.isPresent() ? first : second;
    }

    private static Optional<Double> number(JsonFile json, String field) {
        var value = json.optionalDouble(field);
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }

    /// Half of a head rotated, the other not, is another kind of model.
    private static void requireWhole(JsonFile json, String field) {
        double part = json.optionalDouble(field).orElse(1);
        if (part != 1) {
            throw json.wrong(field, "1: heads are rotated whole", part);
        }
    }

    /// @param root the whole file, which may say beside the object what context a stretched model comes from
    private static RopeConfig.Scaling scaling(JsonFile json, JsonFile root, int positions) {
        String name = json.has("rope_type") ? "rope_type" : "type";
        var type = same(json, "type", json.optionalString("rope_type"), json.optionalString("type"))
                .orElse("default");
        requireWhole(json, "partial_rotary_factor");
        try {
            return switch (type) {
                case "default" -> {
                    only(json, type, Set.of());
                    yield new RopeConfig.Scaling.None();
                }
                case "linear" -> {
                    only(json, type, LINEAR);
                    yield new RopeConfig.Scaling.Linear(json.requireDouble("factor"));
                }
                case "dynamic" -> {
                    only(json, type, LINEAR);
                    int original = json.optionalInt("original_max_position_embeddings").orElse(positions);
                    if (original != positions) {
                        throw json.wrong("original_max_position_embeddings", positions
                                + ", max_position_embeddings, which a dynamic scaling goes by", original);
                    }
                    yield new RopeConfig.Scaling.Dynamic(json.requireDouble("factor"), positions);
                }
                case "yarn" -> {
                    only(json, type, YARN);
                    yield yarn(json, root, positions);
                }
                case "llama3" -> {
                    only(json, type, LLAMA3);
                    yield new RopeConfig.Scaling.Llama3(json.requireDouble("factor"),
                            json.requireDouble("low_freq_factor"), json.requireDouble("high_freq_factor"),
                            original(json, root));
                }
                default -> throw json.wrong(name, "default, linear, dynamic, yarn or llama3", type);
            };
        } catch (IllegalArgumentException e) {
            throw json.refused(e);
        }
    }

    private static RopeConfig.Scaling yarn(JsonFile json, JsonFile root, int positions) {
        double factor = json.requireDouble("factor");
        double attention = RopeConfig.Scaling.Yarn.attention(factor);
        if (json.optionalDouble("mscale").orElse(0) != 0 && json.optionalDouble("mscale_all_dim").orElse(0) != 0) {
            attention = RopeConfig.Scaling.Yarn.attention(factor, json.requireDouble("mscale"))
                    / RopeConfig.Scaling.Yarn.attention(factor, json.requireDouble("mscale_all_dim"));
        }
        return new RopeConfig.Scaling.Yarn(factor,
                same(root, ORIGINAL, number(json, ORIGINAL), number(root, ORIGINAL)).orElse((double) positions),
                json.optionalDouble("beta_fast").orElse(32), json.optionalDouble("beta_slow").orElse(1),
                json.optionalDouble("attention_factor").orElse(attention),
                json.optionalBoolean("truncate").orElse(true));
    }

    private static double original(JsonFile json, JsonFile root) {
        return same(root, ORIGINAL, number(json, ORIGINAL), number(root, ORIGINAL))
                .orElseGet(() -> json.requireDouble(ORIGINAL));
    }

    private static void only(JsonFile json, String type, Set<String> known) {
        var common = Set.of("rope_type", "type", THETA, "partial_rotary_factor");
        for (String field : json.fields()) {
            if (!known.contains(field) && !common.contains(field)) {
                json.requireNothing(field, "nothing of this name beside the type " + type);
            }
        }
    }
}
