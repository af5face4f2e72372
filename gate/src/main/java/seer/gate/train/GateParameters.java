package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import seer.gate.course.Parameter;
import seer.model.ModelConfig;

/// All learned tensors of one gate, layer by layer.
public final class GateParameters {
    /// Standard deviation of the first weights: upstream's `initializer_range`.
    private static final double DEVIATION = 0.02;

    private final GateLayout layout;
    private final List<Parameter> keys = new ArrayList<>(); // [layers]
    private final List<Parameter> queries = new ArrayList<>(); // [layers], empty where nothing projects them

    /// Zero weights.
    GateParameters(GateLayout layout) {
        this.layout = layout;
        for (int layer = 0; layer < layout.layers(); layer++) {
            keys.add(Parameter.zero(GateLayout.keyName(layer), layout.keyShape()));
            if (layout.projectsQueries()) {
                queries.add(Parameter.zero(GateLayout.queryName(layer), layout.queryShape()));
            }
        }
    }

    /// Weights drawn from N(0, 0.02) by `seed`; gates of one shape start alike.
    static GateParameters random(GateLayout layout, long seed) {
        var parameters = new GateParameters(layout);
        var random = new SplittableRandom(seed);
        for (Parameter parameter : parameters.all()) {
            for (int i = 0; i < parameter.value().length; i++) {
                parameter.value()[i] = (float) (random.nextGaussian() * DEVIATION);
            }
        }
        return parameters;
    }

    /// The weights that a training starts from, a set for each gate of its plan.
    public static List<GateParameters> first(TrainingPlan plan, ModelConfig model) {
        return plan.gates().stream().map(recipe -> random(GateLayout.of(recipe, model), plan.seed())).toList();
    }

    GateLayout layout() {
        return layout;
    }

    Parameter key(int layer) {
        return keys.get(layer);
    }

    /// Null where nothing projects queries.
    Parameter query(int layer) {
        return queries.isEmpty() ? null : queries.get(layer);
    }

    /// The keys' weights with their place in `gradient`, which is as [#zeros] makes it.
    Slope key(int layer, List<float[]> gradient) {
        return new Slope(key(layer).value(), gradient.get(queries.isEmpty() ? layer : 2 * layer));
    }

    /// The queries' weights with theirs; null where nothing projects queries.
    Slope query(int layer, List<float[]> gradient) {
        return queries.isEmpty() ? null : new Slope(query(layer).value(), gradient.get(2 * layer + 1));
    }

    /// Zeros as long as the weights, in the order of [#all].
    List<float[]> zeros() {
        return all().stream().map(parameter -> new float[parameter.value().length]).toList();
    }

    /// The weights themselves, in the order of the layers: keys, then queries where something projects them. Whoever
    /// computes gradients elsewhere is sent these, and fills its own with them.
    public List<float[]> values() {
        return all().stream().map(Parameter::value).toList();
    }

    /// In the order of the layers.
    List<Parameter> all() {
        var all = new ArrayList<Parameter>();
        for (int layer = 0; layer < layout.layers(); layer++) {
            all.add(key(layer));
            if (query(layer) != null) {
                all.add(query(layer));
            }
        }
        return all;
    }

    long size() {
        return all().stream().mapToLong(parameter -> parameter.value().length).sum();
    }
}
