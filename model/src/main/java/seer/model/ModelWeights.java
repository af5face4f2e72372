package seer.model;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import seer.model.backend.Arena;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.WeightStore;

/// All weights of a model, in the backend's layout.
///
/// @param embedding `vocabulary` outputs of `C`: row `i` is the vector of token `i`
/// @param head      the same matrix where the model ties them
record ModelWeights(Matrix embedding, List<LayerWeights> layers, Tensor finalNorm, Matrix head) {

    static ModelWeights load(WeightStore store, WeightNames names, ModelConfig config, Arena arena) {
        checkNames(store, names, config);
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

    /// Every tensor has a place in the model, and every place its tensor: one left over means that config.json is
    /// of another model. Looked at before anything is read, layer by layer, so that an absurd number of layers ends at
    /// the first that is missing.
    private static void checkNames(WeightStore store, WeightNames names, ModelConfig config) {
        var left = new TreeSet<>(store.names());
        left.removeIf(WeightNames::isBuffer);
        for (int layer = 0; layer < config.layers(); layer++) {
            names.layer(layer, config.attentionBias(), config.headNorm()).forEach(name -> take(store, left, name));
        }
        take(store, left, names.embedding());
        take(store, left, names.finalNorm());
        if (!config.tiedHead()) {
            take(store, left, names.head());
        } else if (left.remove(names.head())) {
            checkTied(store, names);
        }
        if (!left.isEmpty()) {
            throw new MalformedModelException(store.file(), "tensor " + Quoted.name(store.spelled(left.first()))
                    + ": wanted only what a " + config.family() + " of " + config.layers() + " layers, as the model's "
                    + "configuration says, has, got " + left.size() + (left.size() == 1 ? " tensor" : " tensors")
                    + " left over");
        }
    }

    private static void take(WeightStore store, Set<String> left, String name) {
        store.tensor(name);
        left.remove(name);
    }

    /// Some files hold the head although it is the embedding; then it must be the same.
    private static void checkTied(WeightStore store, WeightNames names) {
        var head = store.tensor(names.head());
        if (!head.sameAs(store.tensor(names.embedding()))) {
            throw new MalformedModelException(head.file(), "tensor " + names.head() + ": wanted none, or the same as "
                    + names.embedding() + ", since tie_word_embeddings is true in config.json, got another");
        }
    }
}
