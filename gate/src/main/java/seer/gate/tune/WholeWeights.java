package seer.gate.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.course.Parameter;
import seer.model.LanguageModel;

/// Weights that learn themselves.
record WholeWeights(List<Parameter> parameters) implements TunedWeights {

    static WholeWeights first(LanguageModel model, Map<String, int[]> shapes) {
        var parameters = new ArrayList<Parameter>();
        shapes.forEach((name, shape) -> {
            var parameter = Parameter.zero(name, shape);
            System.arraycopy(model.weights(name), 0, parameter.value(), 0, parameter.value().length);
            parameters.add(parameter);
        });
        return new WholeWeights(List.copyOf(parameters));
    }

    @Override
    public Map<String, float[]> values() {
        var values = new LinkedHashMap<String, float[]>();
        parameters.forEach(parameter -> values.put(parameter.name(), parameter.value()));
        return values;
    }

    @Override
    public List<float[]> gradients(Map<String, float[]> byWeights) {
        return parameters.stream().map(parameter -> byWeights.get(parameter.name())).toList();
    }
}
