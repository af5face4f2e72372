package seer.model;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.backend.Arena;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightStore;

/// All weights of a model, in the backend's layout.
///
/// @param embedding `vocabulary` outputs of `C`: row `i` is the vector of token `i`
/// @param head      the same matrix where the model ties them
record ModelWeights(Matrix embedding, List<LayerWeights> layers, Tensor finalNorm, Matrix head) {

    static ModelWeights load(WeightStore store, WeightNames names, ModelConfig config, Arena arena) {
        int v = config.vocabulary();
        int c = config.width();
        var embedding = arena.matrix(List.of(store.tensor(names.embedding()).require(v, c)));
        var layers = IntStream.range(0, config.layers())
                .mapToObj(layer -> LayerWeights.load(store, names, layer, config, arena)).toList();
        var norm = arena.vector(store.tensor(names.finalNorm()).require(c));
        var head = config.tiedHead() ? embedding
                : arena.matrix(List.of(store.tensor(names.head()).require(v, c)));
        return new ModelWeights(embedding, layers, norm, head);
    }
}
