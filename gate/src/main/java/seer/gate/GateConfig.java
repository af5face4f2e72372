package seer.gate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.load.Quoted;
import seer.model.load.WeightSketch;

/// The shape of a gate, as its adapter's `config.json` gives it.
///
/// @param baseModel       name of the model it was distilled from
/// @param baseModelSha256 hash of that model's weights, or null if the adapter does not say
/// @param baseModelSketch what copies of that model in another precision have in common with it, or null
/// @param block           `B`, tokens along one edge of a block
/// @param width           `E`, length of the vectors whose dot product is the score
/// @param queryPooling    poolings of the queries, concatenated in this order
/// @param keyPooling      poolings of the keys, concatenated in this order
/// @param activation      how scores become probabilities
/// @param keyBlock        tokens that one vector of the keys stands for, at most `block`: of several vectors to a block
///                        the best one's score is the block's
/// @param rope            whether projected queries and keys are turned as if each block stood at its first token
/// @param thresholds      what `seer calibrate` found, or null
public record GateConfig(String baseModel, String baseModelSha256, WeightSketch baseModelSketch, int block, int width,
                         List<Pooling> queryPooling, List<Pooling> keyPooling, GateActivation activation,
                         int keyBlock, boolean rope, GateThresholds thresholds) {
    /// Key of [#keyBlock] in the adapter's configuration.
    static final String KEY_BLOCK = "seer_gate_key_block";

    /// Blocks that the kernels are made for.
    public static final List<Integer> BLOCKS = List.of(8, 16, 32, 64, 128);

    private static final Pattern TYPE = Pattern.compile("Q((?:max|min|avg)+)_K((?:max|min|avg)+)");
    private static final Pattern ONE = Pattern.compile("max|min|avg");

    public GateConfig {
        if (!BLOCKS.contains(block)) {
            throw new IllegalArgumentException("seerattn_gate_block_size is " + block + ", wanted one of " + BLOCKS);
        }
        if (keyBlock < 1 || block % keyBlock != 0) {
            throw new IllegalArgumentException(KEY_BLOCK + " is " + keyBlock + ", wanted a divisor of " + block);
        }
        if (width <= 0 || width % 2 != 0) {
            throw new IllegalArgumentException(
                    "seerattn_gate_hidden_size is " + width + ", wanted an even number above 0");
        }
        queryPooling = List.copyOf(queryPooling);
        keyPooling = List.copyOf(keyPooling);
    }

    /// The published form: with rotation, not calibrated.
    public GateConfig(String baseModel, String baseModelSha256, int block, int width, List<Pooling> queryPooling,
                      List<Pooling> keyPooling, GateActivation activation) {
        this(baseModel, baseModelSha256, null, block, width, queryPooling, keyPooling, activation, block, true, null);
    }

    /// Vectors of keys to a block.
    public int fold() {
        return block / keyBlock;
    }

    /// Upstream's name of the poolings, for example `Qavg_Kmaxminavg`.
    public String type() {
        return "Q" + name(queryPooling) + "_K" + name(keyPooling);
    }

    /// The poolings of queries and of keys that a name like `Qavg_Kmaxminavg` stands for.
    ///
    /// @throws IllegalArgumentException unless each list is not empty, has no repeats and is in the order max,
    ///                                  min, avg, which is the order of the weights' rows
    public static List<List<Pooling>> poolings(String type) {
        var matcher = TYPE.matcher(type);
        if (!matcher.matches()) {
            throw wrongType(type);
        }
        return List.of(list(matcher.group(1), type), list(matcher.group(2), type));
    }

    private static List<Pooling> list(String names, String type) {
        var found = new ArrayList<Pooling>();
        var matcher = ONE.matcher(names);
        while (matcher.find()) {
            found.add(Pooling.valueOf(matcher.group().toUpperCase(Locale.ROOT)));
        }
        if (!List.copyOf(EnumSet.copyOf(found)).equals(found)) {
            throw wrongType(type);
        }
        return found;
    }

    private static IllegalArgumentException wrongType(String type) {
        return new IllegalArgumentException("seerattn_gate_type is \"" + Quoted.of(type)
                + "\", wanted Q and K lists out of max, min, avg in this order, for example Qavg_Kmaxminavg");
    }

    private static String name(List<Pooling> poolings) {
        return poolings.stream().map(p -> p.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining());
    }
}
