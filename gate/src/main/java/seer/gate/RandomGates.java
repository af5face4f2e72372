package seer.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import seer.model.LanguageModel;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.backend.Arena;

/// Gates whose weights are drawn by lot, to measure what choosing costs where nobody has trained any: they choose as
/// fast as others, and nothing in particular.
public final class RandomGates {
    private static final double DEVIATION = 0.02;
    /// Numbers that are drawn, and repeated: a prime.
    private static final int TILE = 1_048_573;

    private RandomGates() { }

    /// Gates of the published form, with blocks of `block` tokens, as wide as the model's heads.
    public static AttnGate of(LanguageModel model, int block, long seed) {
        var m = model.config();
        var config = new GateConfig(model.folder().toString(), model.sha256(), block, m.headWidth(),
                List.of(Pooling.AVG), List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG), GateActivation.SOFTMAX);
        int inputs = config.keyPooling().size() * m.headWidth();
        int size = Math.multiplyExact(m.heads() * inputs, config.width());
        long parameters = (long) m.layers() * size;
        Arena arena = model.backend().arena("random gates", 4 * parameters);
        try {
            arena.reserve(parameters);
            float[] tile = tile(seed);
            var layers = new ArrayList<GateLayer>();
            for (int layer = 0; layer < m.layers(); layer++) {
                layers.add(new GateLayer(arena.take(numbers(tile, (long) layer * size, size), m.heads(), inputs,
                        config.width()), null));
            }
            return new AttnGate(arena, config, List.copyOf(layers), parameters, model.parameters());
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static float[] tile(long seed) {
        var random = new SplittableRandom(seed);
        var tile = new float[TILE];
        for (int i = 0; i < TILE; i++) {
            tile[i] = (float) (random.nextGaussian() * DEVIATION);
        }
        return tile;
    }

    private static float[] numbers(float[] tile, long from, int count) {
        var numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = tile[(int) ((from + i) % TILE)];
        }
        return numbers;
    }
}
