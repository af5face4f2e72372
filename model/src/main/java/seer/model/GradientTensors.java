package seer.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import seer.model.backend.Arena;
import seer.model.backend.Gradients;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightStore;

/// Where the derivatives by a model's weights are summed up: a tensor beside each matrix and vector, null beside those
/// that are frozen. Outside, weights go by their names; a matrix that is stacked of several has several.
final class GradientTensors {

    /// Derivatives by the weights of one layer, as in [LayerWeights].
    record Layer(Tensor attentionNorm, Tensor qkv, Tensor qkvBias, Tensor queryNorm, Tensor keyNorm, Tensor output,
                 Tensor feedForwardNorm, Tensor gateUp, Tensor down) { }

    /// A matrix or a vector and the tensors that it is stacked of.
    record Place(List<String> names, Matrix matrix, Tensor vector, Tensor slope) { }

    private final Arena arena;
    private final WeightStore store;
    private final WeightNames names;
    private final Predicate<String> trained;
    private final List<Place> places = new ArrayList<>();
    private final List<Layer> layers = new ArrayList<>();
    private final Tensor embedding;
    private final Tensor finalNorm;
    private final Tensor head;

    /// @param trained whether the weights of this name are to change
    GradientTensors(Arena arena, ModelWeights weights, ModelConfig config, WeightStore store, WeightNames names,
                    Predicate<String> trained) {
        this.arena = arena;
        this.store = store;
        this.names = names;
        this.trained = trained;
        embedding = matrix(weights.embedding(), names.embedding());
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(weights.layers().get(layer), layer));
        }
        finalNorm = vector(weights.finalNorm(), names.finalNorm());
        head = config.tiedHead() ? embedding : matrix(weights.head(), names.head());
    }

    /// Derivatives in all.
    static long size(WeightStore store, Predicate<String> trained) {
        return store.names().stream().filter(trained).mapToLong(name -> store.tensor(name).size()).sum();
    }

    private Layer layer(LayerWeights w, int layer) {
        String query = names.layer(layer, names.query());
        String key = names.layer(layer, names.key());
        String value = names.layer(layer, names.value());
        return new Layer(vector(w.attentionNorm(), weight(layer, names.attentionNorm())),
                matrix(w.qkv(), query + ".weight", key + ".weight", value + ".weight"),
                vector(w.qkvBias(), query + ".bias", key + ".bias", value + ".bias"),
                vector(w.queryNorm(), weight(layer, names.queryNorm())),
                vector(w.keyNorm(), weight(layer, names.keyNorm())),
                matrix(w.output(), weight(layer, names.output())),
                vector(w.feedForwardNorm(), weight(layer, names.feedForwardNorm())),
                matrix(w.gateUp(), weight(layer, names.gate()), weight(layer, names.up())),
                matrix(w.down(), weight(layer, names.down())));
    }

    private String weight(int layer, String part) {
        return names.layer(layer, part) + ".weight";
    }

    private Tensor matrix(Matrix matrix, String... parts) {
        return place(List.of(parts), matrix, null, matrix.outputs(), matrix.inputs());
    }

    /// @param vector null where the model has none
    private Tensor vector(Tensor vector, String... parts) {
        return vector == null ? null : place(List.of(parts), null, vector, vector.extent(0));
    }

    private Tensor place(List<String> parts, Matrix matrix, Tensor vector, int... shape) {
        if (parts.stream().noneMatch(trained)) {
            return null;
        }
        var place = new Place(parts, matrix, vector, arena.allocate(shape));
        places.add(place);
        return place.slope();
    }

    Tensor embedding() {
        return embedding;
    }

    Tensor finalNorm() {
        return finalNorm;
    }

    /// The embedding's where the model ties them.
    Tensor head() {
        return head;
    }

    Layer layer(int layer) {
        return layers.get(layer);
    }

    /// Names of the weights that change, in the order of the layers.
    List<String> names() {
        return places.stream().flatMap(place -> place.names().stream()).filter(trained).toList();
    }

    /// Brings the sums over, by name, and begins anew.
    void take(Gradients gradients, Map<String, float[]> target) {
        for (Place place : places) {
            float[] all = place.slope().download();
            gradients.clear(place.slope());
            int at = 0;
            for (String name : place.names()) {
                int size = size(name);
                if (trained.test(name)) {
                    System.arraycopy(all, at, target.get(name), 0, size);
                }
                at += size;
            }
        }
    }

    /// Computes with these weights from now on; frozen ones that are stacked with them are read again.
    ///
    /// @param values by name, of all weights that change
    void load(Gradients gradients, Map<String, float[]> values) {
        for (Place place : places) {
            float[] all = stacked(place, values::get);
            if (place.matrix() != null) {
                gradients.load(place.matrix(), all);
            } else {
                gradients.load(place.vector(), all);
            }
        }
    }

    List<Place> places() {
        return places;
    }

    boolean trains(String name) {
        return trained.test(name);
    }

    /// The weights of a place as they are in the files.
    float[] first(Place place) {
        return stacked(place, name -> store.tensor(name).finiteFloats());
    }

    private float[] stacked(Place place, Function<String, float[]> learned) {
        var all = new float[place.names().stream().mapToInt(this::size).sum()];
        int at = 0;
        for (String name : place.names()) {
            float[] part = trained.test(name) ? learned.apply(name) : store.tensor(name).finiteFloats();
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    int size(String name) {
        return Math.toIntExact(store.tensor(name).size());
    }
}
