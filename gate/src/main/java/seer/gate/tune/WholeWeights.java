package seer.gate.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.course.AdamW;
import seer.gate.course.Parameter;
import seer.model.LearnedWeights;
import seer.model.LearningSession;
import seer.model.backend.WeightChange;

/// Weights that learn themselves, where the backend holds them.
///
/// @param arrays of the host, for whoever asks
record WholeWeights(LearnedWeights held, Map<String, Parameter> arrays) implements TunedWeights {

    static WholeWeights first(LearningSession session) {
        var arrays = new LinkedHashMap<String, Parameter>();
        session.shapes().forEach((name, shape) -> arrays.put(name, Parameter.zero(name, shape)));
        return new WholeWeights(session.weights(), arrays);
    }

    private float[][] of(String name) {
        Parameter parameter = arrays.get(name);
        return new float[][] {parameter.value(), parameter.mean(), parameter.square()};
    }

    @Override
    public double squares() {
        return held.squares();
    }

    @Override
    public void change(WeightChange change) {
        held.change(change);
    }

    @Override
    public List<Parameter> parameters() {
        held.copyTo(this::of);
        arrays.values().forEach(AdamW::requireFinite);
        return List.copyOf(arrays.values());
    }

    @Override
    public void use() {
        held.take(this::of);
    }

    @Override
    public Map<String, float[]> values() {
        var values = new LinkedHashMap<String, float[]>();
        parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
        return values;
    }

    @Override
    public long size() {
        return arrays.values().stream().mapToLong(parameter -> parameter.value().length).sum();
    }
}
