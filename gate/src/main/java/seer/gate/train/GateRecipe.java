package seer.gate.train;

import java.io.Serializable;
import java.util.List;
import seer.gate.GateConfig;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.load.Quoted;
import seer.model.load.WeightSketch;

/// One gate to be trained: its shape, its target and its loss.
///
/// @param name         of its folder and of its columns in the metrics
/// @param block        `B`, tokens along one edge of a block
/// @param keyBlock     tokens that one vector of the keys stands for; of several to a block the best counts
/// @param width        `E`, length of the vectors whose dot product is the score
/// @param queryPooling poolings of the queries
/// @param keyPooling   poolings of the keys
/// @param activation   how scores become probabilities
/// @param loss         what is made small: KL or MSE with softmax, BCE or MSE with sigmoid
/// @param target       what the probabilities are compared with; a softmax is compared with rows that sum to 1, a
///                     sigmoid with the map as it is
/// @param rope         whether projected queries and keys are turned as if blocks stood at their first token
/// @param rate         highest learning rate
/// @param drop         share of block rows at the beginning that do not count: they see almost everything anyway
/// @param sink         what the first block's target is
/// @param answers      weight of the block rows that predict a prompt's answer; the others weigh 1
public record GateRecipe(String name, int block, int keyBlock, int width, List<Pooling> queryPooling,
                         List<Pooling> keyPooling, GateActivation activation, GateLoss loss, TargetPooling target,
                         boolean rope, double rate, double drop, SinkTarget sink, double answers)
        implements Serializable {
    /// Share of block rows that upstream leaves out.
    public static final double DROP = 0.25;

    public GateRecipe {
        if (!name.matches("[A-Za-z0-9._-]+") || name.startsWith(".")) {
            throw new IllegalArgumentException("gate name is \"" + Quoted.of(name)
                    + "\", wanted letters, digits, dots, dashes and underscores, no dot in front");
        }
        boolean fits = loss == GateLoss.MSE || (loss == GateLoss.KL) == (activation == GateActivation.SOFTMAX);
        if (!fits) {
            throw new IllegalArgumentException("gate " + name + ": loss " + loss + " does not go with activation "
                    + activation + ", wanted KL or MSE with SOFTMAX, BCE or MSE with SIGMOID");
        }
        if (!(rate > 0 && Double.isFinite(rate))) {
            throw new IllegalArgumentException("gate " + name + ": learning rate is " + rate
                    + ", wanted a finite number above 0");
        }
        if (!(drop >= 0 && drop < 1)) {
            throw new IllegalArgumentException("gate " + name + ": drop is " + drop
                    + ", wanted at least 0 and below 1");
        }
        if (!(answers > 0) || Double.isInfinite(answers)) {
            throw new IllegalArgumentException("gate " + name + ": answers is " + answers
                    + ", wanted a weight above 0");
        }
        queryPooling = List.copyOf(queryPooling);
        keyPooling = List.copyOf(keyPooling);
        config("unnamed", null, null, block, keyBlock, width, queryPooling, keyPooling, activation, rope);
    }

    /// The published form: block 64, queries averaged, keys max, min and average, softmax, divergence.
    public static GateRecipe published(String name, int width, double rate) {
        return new GateRecipe(name, 64, 64, width, List.of(Pooling.AVG),
                List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG), GateActivation.SOFTMAX, GateLoss.KL,
                TargetPooling.MAX, true, rate, DROP, SinkTarget.MASS, 1);
    }

    /// Rows that do not count, of `rows`.
    public int dropped(int rows) {
        return (int) (rows * drop);
    }

    /// Sum of the weights of the kept rows, of `rows`.
    ///
    /// @param answerRow the first row that predicts an answer
    double weights(int rows, int answerRow) {
        int kept = rows - dropped(rows);
        int answering = Math.min(kept, rows - answerRow);
        return kept - answering + answering * answers;
    }

    /// The shape that the adapter declares.
    public GateConfig config(String baseModel, String baseModelSha256, WeightSketch sketch) {
        return config(baseModel, baseModelSha256, sketch, block, keyBlock, width, queryPooling, keyPooling, activation,
                rope);
    }

    private static GateConfig config(String baseModel, String sha, WeightSketch sketch, int block, int keyBlock,
                                     int width, List<Pooling> queries, List<Pooling> keys,
                                     GateActivation activation, boolean rope) {
        return new GateConfig(baseModel, sha, sketch, block, width, queries, keys, activation, keyBlock, rope,
                null);
    }
}
