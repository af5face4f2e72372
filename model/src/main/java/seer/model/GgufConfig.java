package seer.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import seer.model.load.GgufFile;
import seer.model.load.GgufMetadata;
import seer.model.load.MalformedModelException;

/// Reads a model's shape from the keys of a GGUF file; docs/formats.md lists what becomes of every key.
///
/// The keys of the architecture's own (`llama.block_count`) all say something about the forward pass: one that is not
/// known is refused.
final class GgufConfig {
    private static final Map<String, ModelFamily> ARCHITECTURES =
            Map.of("llama", ModelFamily.LLAMA, "qwen2", ModelFamily.QWEN2, "qwen3", ModelFamily.QWEN3);
    private static final String FACTOR = "rope.scaling.factor";
    private static final String TYPE = "rope.scaling.type";
    private static final String ATTENTION = "rope.scaling.attn_factor";
    private static final Set<String> READ = Set.of("block_count", "context_length", "embedding_length",
            "feed_forward_length", "attention.head_count", "attention.head_count_kv",
            "attention.layer_norm_rms_epsilon", "attention.key_length", "attention.value_length",
            "attention.sliding_window", "vocab_size", "rope.freq_base", "rope.dimension_count", TYPE,
            FACTOR, ATTENTION, "rope.scaling.original_context_length",
            "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "rope.scale_linear");
    /// Keys about how a file came to be.
    private static final Set<String> IGNORED = Set.of("rope.scaling.finetuned", "tensor_data_layout");
    /// Numbers at which a key changes nothing.
    private static final Map<String, Double> NEUTRAL = Map.of("expert_count", 0.0, "expert_used_count", 0.0,
            "logit_scale", 1.0, "embedding_scale", 1.0, "residual_scale", 1.0, "attention.clamp_kqv", 0.0,
            "attention.max_alibi_bias", 0.0, "attn_logit_softcapping", 0.0, "final_logit_softcapping", 0.0);
    /// Fields of config.json, and the keys that say the same.
    private static final Map<String, String> FIELDS = Map.ofEntries(Map.entry("hidden_size", "embedding_length"),
            Map.entry("num_hidden_layers", "block_count"), Map.entry("num_attention_heads", "attention.head_count"),
            Map.entry("num_key_value_heads", "attention.head_count_kv"), Map.entry("head_dim", "attention.key_length"),
            Map.entry("intermediate_size", "feed_forward_length"), Map.entry("vocab_size", "vocab_size"),
            Map.entry("max_position_embeddings", "context_length"), Map.entry("rope_theta", "rope.freq_base"),
            Map.entry("rms_norm_eps", "attention.layer_norm_rms_epsilon"), Map.entry("factor", FACTOR),
            Map.entry("original_max_position_embeddings", "rope.scaling.original_context_length"),
            Map.entry("beta_fast", "rope.scaling.yarn_beta_fast"),
            Map.entry("beta_slow", "rope.scaling.yarn_beta_slow"),
            Map.entry("attention_factor", ATTENTION));
    private static final Pattern WORD = Pattern.compile("\\b[a-z_]+\\b");
    /// Where a text ends, by the keys of the tokenizer, and by the names of tokens that only ever mean that.
    private static final List<String> ENDS = List.of("eos", "eot", "eom");
    private static final Set<String> END_TOKENS = Set.of("<|endoftext|>", "<|end_of_text|>", "<|eot_id|>",
            "<|eom_id|>", "<|im_end|>", "</s>");
    private static final int CONTROL = 3;

    private final GgufFile file;
    private final GgufMetadata keys;

    private GgufConfig(GgufFile file) {
        this.file = file;
        this.keys = file.metadata();
    }

    static ModelConfig read(GgufFile file) {
        return new GgufConfig(file).config();
    }

    private ModelConfig config() {
        var family = ARCHITECTURES.get(file.architecture());
        if (family == null) {
            throw keys.wrong("general.architecture", "one of " + ARCHITECTURES.keySet().stream().sorted().toList(),
                    file.architecture());
        }
        checkKeys();
        int heads = required("attention.head_count");
        int width = required("embedding_length");
        int headWidth = headWidth(width, heads);
        int vocabulary = vocabulary();
        int positions = required("context_length");
        try {
            RopeConfig rope = rope(positions, headWidth);
            int context = ModelConfigFile.stretched(positions, rope);
            int window = keys.optionalInt(file.key("attention.sliding_window")).orElse(0);
            return new ModelConfig(family.modelType(), width, required("block_count"), heads,
                    keys.optionalInt(file.key("attention.head_count_kv")).orElse(heads), headWidth,
                    required("feed_forward_length"), vocabulary,
                    keys.requireDouble(file.key("attention.layer_norm_rms_epsilon")),
                    window == 0 ? context : Math.min(context, window), !file.has(WeightNames.LLAMA.head()),
                    family == ModelFamily.QWEN2, family.headNorm(), rope, endOfText(vocabulary));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(file.file(), inOwnWords(e.getMessage()), e);
        }
    }

    /// A sentence about fields of config.json as one about the keys that stand for them here.
    private String inOwnWords(String sentence) {
        if (!FIELDS.containsKey(sentence.split(" ", 2)[0])) {
            return "tensor " + GgufFile.ROPE_FREQUENCIES + ": " + sentence;
        }
        return "key " + WORD.matcher(sentence).replaceAll(word ->
                FIELDS.containsKey(word.group()) ? file.key(FIELDS.get(word.group())) : word.group());
    }

    private int required(String name) {
        return keys.requireInt(file.key(name));
    }

    private void checkKeys() {
        String prefix = file.key("");
        for (String key : keys.keys()) {
            String name = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
            if (name.isEmpty() || READ.contains(name) || IGNORED.contains(name)) {
                continue;
            }
            if (NEUTRAL.containsKey(name)) {
                double value = keys.optionalDouble(key).orElse(0);
                if (value != NEUTRAL.get(name)) {
                    throw keys.wrong(key, NEUTRAL.get(name) + " or nothing", value);
                }
            } else if (!name.equals("attention.causal") || !keys.optionalBoolean(key).orElse(true)) {
                throw keys.wrong(key, "no key that changes a " + file.architecture() + "'s forward pass", "it");
            }
        }
    }

    private int headWidth(int width, int heads) {
        int value = keys.optionalInt(file.key("attention.value_length")).orElse(0);
        int divided = heads == 0 ? 0 : width / heads;
        int key = keys.optionalInt(file.key("attention.key_length")).orElse(divided);
        if (value != 0 && value != key) {
            throw keys.wrong(file.key("attention.value_length"), key + ", as wide as keys", value);
        }
        if (!keys.has(file.key("attention.key_length")) && heads > 0 && width % heads != 0) {
            throw keys.wrong(file.key("embedding_length"), "a multiple of head_count, which is " + heads, width);
        }
        int rotated = keys.optionalInt(file.key("rope.dimension_count")).orElse(key);
        if (rotated != key) {
            throw keys.wrong(file.key("rope.dimension_count"), key + ": heads are rotated whole", rotated);
        }
        return key;
    }

    /// The number of rows of the embedding, which files without the key leave to it.
    private int vocabulary() {
        return keys.optionalInt(file.key("vocab_size"))
                .orElseGet(() -> file.tensor(WeightNames.LLAMA.embedding()).shape().getFirst());
    }

    // -- rotation --

    /// As llama.cpp reads it: a factor without a type is a linear scaling, and so is the old key; 0 stands for none.
    private RopeConfig rope(int positions, int headWidth) {
        double theta = keys.optionalDouble(file.key("rope.freq_base")).orElse(10_000);
        String type = keys.optionalString(file.key(TYPE)).orElse("linear");
        String named = file.key(keys.has(file.key(FACTOR)) ? FACTOR : "rope.scale_linear");
        double stretch = keys.optionalDouble(named).orElse(1);
        double factor = stretch == 0 || type.equals("none") ? 1 : stretch;
        double attention = keys.optionalDouble(file.key(ATTENTION)).orElse(1);
        var divisors = file.ropeFactors();
        if (attention != 1 && (!type.equals("yarn") || divisors.isPresent())) {
            throw keys.wrong(file.key(ATTENTION), "1 or nothing but for a scaling by yarn alone", attention);
        }
        if (factor != 1 && divisors.isPresent()) {
            throw keys.wrong(named, "1 or nothing beside " + GgufFile.ROPE_FREQUENCIES, factor);
        }
        if (divisors.isPresent()) {
            return new RopeConfig(theta, factors(divisors.get().finiteFloats(), theta, headWidth));
        }
        return new RopeConfig(theta, switch (type) {
            case "none" -> new RopeConfig.Scaling.None();
            case "linear" -> factor == 1 ? new RopeConfig.Scaling.None() : new RopeConfig.Scaling.Linear(factor);
            case "yarn" -> yarn(factor, attention, positions);
            default -> throw keys.wrong(file.key(TYPE), "none, linear or yarn", type);
        });
    }

    private RopeConfig.Scaling yarn(double factor, double more, int positions) {
        return new RopeConfig.Scaling.Yarn(factor,
                keys.optionalInt(file.key("rope.scaling.original_context_length")).orElse(positions),
                keys.optionalDouble(file.key("rope.scaling.yarn_beta_fast")).orElse(32),
                keys.optionalDouble(file.key("rope.scaling.yarn_beta_slow")).orElse(1),
                more * RopeConfig.Scaling.Yarn.attention(factor), true);
    }

    /// llama.cpp keeps Llama 3.1's scaling as what comes of it. The numbers behind it, of which all published models
    /// have the same three, serve gates of any width; other factors serve vectors as wide as a head.
    private static RopeConfig.Scaling factors(float[] divisors, double theta, int headWidth) {
        double largest = IntStream.range(0, divisors.length).mapToDouble(i -> divisors[i]).max().orElse(1);
        if (largest >= 1 && divisors.length == headWidth / 2) {
            var known = new RopeConfig.Scaling.Llama3(largest, 1, 4, 8192);
            double[] scaled = new RopeConfig(theta, known).rotary(headWidth, 1).inverseFrequency();
            double[] plain = new RopeConfig(theta, new RopeConfig.Scaling.None()).rotary(headWidth, 1)
                    .inverseFrequency();
            if (IntStream.range(0, divisors.length)
                    .allMatch(i -> Math.abs(plain[i] / scaled[i] / divisors[i] - 1) < 1e-4)) {
                return known;
            }
        }
        return new RopeConfig.Scaling.Factors(IntStream.range(0, divisors.length)
                .mapToObj(i -> (double) divisors[i]).toList());
    }

    // -- end of text --

    private List<Integer> endOfText(int vocabulary) {
        var ids = new ArrayList<Integer>();
        for (String end : ENDS) {
            String key = "tokenizer.ggml." + end + "_token_id";
            keys.optionalInt(key).ifPresent(id -> {
                if (id >= vocabulary) {
                    throw keys.wrong(key, "an id from 0 to " + (vocabulary - 1) + ", the vocabulary's last", id);
                }
                ids.add(id);
            });
        }
        int[] types = keys.ints("tokenizer.ggml.token_type");
        List<String> tokens = keys.strings("tokenizer.ggml.tokens");
        IntStream.range(0, Math.min(Math.min(types.length, tokens.size()), vocabulary))
                .filter(id -> types[id] == CONTROL && END_TOKENS.contains(tokens.get(id))).forEach(ids::add);
        return ids.stream().distinct().toList();
    }
}
