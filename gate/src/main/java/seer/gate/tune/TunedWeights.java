package seer.gate.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.course.Parameter;
import seer.model.LanguageModel;

/// The weights that change, in 32 bits, whatever the model computes with: what the optimiser sees of them, and what the
/// model is given.
sealed interface TunedWeights permits WholeWeights, LowRankWeights {

    /// Those of a part of a model, as they are in its files.
    ///
    /// @param shapes of the weights that change, by name
    static TunedWeights of(TunedPart part, LanguageModel model, Map<String, int[]> shapes, long seed) {
        return part instanceof TunedPart.LowRank(int rank) ? LowRankWeights.first(rank, model, shapes, seed)
                : WholeWeights.first(model, shapes);
    }

    /// What learns.
    List<Parameter> parameters();

    /// The model's weights, by name.
    Map<String, float[]> values();

    /// The gradient by what learns, in the order of [#parameters()].
    ///
    /// @param byWeights the gradient by the model's weights, by name
    List<float[]> gradients(Map<String, float[]> byWeights);

    /// Number of learned numbers.
    default long size() {
        return parameters().stream().mapToLong(parameter -> parameter.value().length).sum();
    }

    /// Arrays as long as the weights, by name.
    static Map<String, float[]> zeros(Map<String, int[]> shapes) {
        var zeros = new LinkedHashMap<String, float[]>();
        shapes.forEach((name, shape) -> zeros.put(name, Parameter.zero(name, shape).value()));
        return zeros;
    }
}
