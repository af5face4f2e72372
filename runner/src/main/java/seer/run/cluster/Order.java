package seer.run.cluster;

import java.io.Serializable;
import java.util.List;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.TaskSpec;
import seer.gate.Lessons;
import seer.gate.train.PackedTensors;

/// What an [OrderDesk] is asked for.
sealed interface Order extends Serializable {

    /// One item, of which samples by their keys come back.
    record Measure(Item item) implements Order { }

    /// Items of these tasks will come, with these contenders: whatever takes time before the first is done now. Nothing
    /// comes back.
    ///
    /// @param tasks      as [TaskSpec#text] writes them
    /// @param contenders as [ContenderSpec#text] writes them
    record Prepare(List<String> tasks, List<String> contenders) implements Order { }

    /// A document, of which a [DocumentDesk.Read] comes back.
    ///
    /// @param gate     folder of the gates
    /// @param tokens   of the document, with its question
    /// @param tokenize milliseconds that they took
    record Read(Reading reading, String gate, int[] tokens, double tokenize) implements Order { }

    /// Heads are to be weighed: what is weighed from now on is of these lessons. Nothing comes back.
    record Learn(LessonsJob job) implements Order { }

    /// A lesson read with some thresholds, of which a [Lessons.Weight] comes back.
    record Weigh(Lessons.Piece piece) implements Order { }

    /// A training begins: the steps that follow are of this one. Nothing comes back.
    record Train(TrainingJob job) implements Order { }

    /// Gradients of some sequences.
    ///
    /// @param weights of the gates, in the plan's order
    record Step(PackedTensors weights, long[] sequences) implements Order { }
}
