package seer.model;

import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightSource;
import seer.model.load.WeightTensor;

/// The weights of one transformer layer, in the backend's layout.
///
/// @param attentionNorm   `[C]`
/// @param qkv             query, key and value projections stacked: `(H + 2G) * D` outputs of `C`
/// @param qkvBias         `[(H + 2G) * D]` or null
/// @param output          `C` outputs of `H * D`
/// @param feedForwardNorm `[C]`
/// @param gateUp          gate over up: `2F` outputs of `C`
/// @param down            `C` outputs of `F`
record LayerWeights(Tensor attentionNorm, Matrix qkv, Tensor qkvBias, Matrix output, Tensor feedForwardNorm,
                    Matrix gateUp, Matrix down) {

    static LayerWeights load(WeightSource store, WeightNames names, int layer, ModelConfig config,
                             Arena arena) {
        int c = config.width();
        int f = config.feedForward();
        int hd = config.heads() * config.headWidth();
        int gd = config.groups() * config.headWidth();
        var in = new Source(store, names, layer);
        return new LayerWeights(
                arena.vector(in.tensor(names.attentionNorm()).require(c)),
                arena.matrix(List.of(in.tensor(names.query()).require(hd, c),
                        in.tensor(names.key()).require(gd, c), in.tensor(names.value()).require(gd, c))),
                config.attentionBias() ? in.bias(arena, hd, gd) : null,
                arena.matrix(List.of(in.tensor(names.output()).require(c, hd))),
                arena.vector(in.tensor(names.feedForwardNorm()).require(c)),
                arena.pair(in.tensor(names.gate()).require(f, c), in.tensor(names.up()).require(f, c)),
                arena.matrix(List.of(in.tensor(names.down()).require(c, f))));
    }

    private record Source(WeightSource store, WeightNames names, int layer) {
        WeightTensor tensor(String part) {
            return store.tensor(names.layer(layer, part) + ".weight");
        }

        Tensor bias(Arena arena, int hd, int gd) {
            var values = new float[hd + 2 * gd];
            int at = 0;
            for (String part : List.of(names.query(), names.key(), names.value())) {
                int outputs = part.equals(names.query()) ? hd : gd;
                store.tensor(names.layer(layer, part) + ".bias").require(outputs).readFinite(0, outputs, values, at);
                at += outputs;
            }
            return arena.upload(values, values.length);
        }
    }
}
