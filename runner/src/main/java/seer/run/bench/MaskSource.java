package seer.run.bench;

import java.util.Arrays;
import seer.gate.AttnGate;
import seer.model.LanguageModel;
import seer.model.attention.BlockMask;

/// Where the block lists of a benchmark come from.
public interface MaskSource {

    /// As results name it.
    String name();

    /// How the lists are chosen, in words.
    String about();

    /// Lists of the shape's density or close to it.
    BlockMask lists(AttentionShape shape);

    /// Lists without a pattern.
    static MaskSource random(long seed) {
        return new MaskSource() {
            @Override
            public String name() {
                return "random";
            }

            @Override
            public String about() {
                return "random, each head its own: row r of blocks keeps its diagonal and draws the rest of "
                        + "max(1, floor(density x (r + 1))) by lot, without replacement";
            }

            @Override
            public BlockMask lists(AttentionShape shape) {
                return RandomLists.of(shape, seed);
            }
        };
    }

    /// Those that a layer's gate chooses on the beginning of a text.
    static MaskSource gate(LanguageModel model, AttnGate gate, int[] tokens, int layer) {
        return new MaskSource() {
            @Override
            public String name() {
                return "gate";
            }

            @Override
            public String about() {
                return "those that the gate of layer " + layer + " of " + model.path() + " chooses on the text, all "
                        + "heads; the diagonal, the first block of each row and the last two rows of blocks are kept, "
                        + "so that the density reached is above what was asked for";
            }

            @Override
            public BlockMask lists(AttentionShape shape) {
                return GateLists.of(model, gate.density(shape.density()), Arrays.copyOf(tokens, shape.tokens()), layer);
            }
        };
    }
}
