package seer.gate.tune;

import java.util.List;
import java.util.Map;
import seer.gate.course.Parameter;
import seer.model.LanguageModel;
import seer.model.LearningSession;
import seer.model.backend.WeightChange;

/// The weights that change, in 32 bits, whatever the model computes with.
sealed interface TunedWeights permits WholeWeights, LowRankWeights {

    /// Those of a part of a model, as they are in its files.
    static TunedWeights of(TunedPart part, LanguageModel model, LearningSession session, long seed) {
        return part instanceof TunedPart.LowRank(int rank) ? LowRankWeights.first(rank, model, session, seed)
                : WholeWeights.first(session);
    }

    /// The sum of squares of the gradient by what learns.
    double squares();

    /// Changes what learns once, by the gradient whose squares were asked for, and the model computes with it.
    ///
    /// @throws seer.model.backend.NotFiniteException if something is seen to be no longer finite
    void change(WeightChange change);

    /// What learns, as it is now.
    ///
    /// @throws seer.model.backend.NotFiniteException if it is not finite
    List<Parameter> parameters();

    /// Goes on from what the arrays of the last [#parameters()] were made to hold.
    void use();

    /// The model's weights, by name.
    Map<String, float[]> values();

    /// Number of learned numbers.
    long size();
}
