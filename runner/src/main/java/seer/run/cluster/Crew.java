package seer.run.cluster;

import java.util.function.Consumer;
import seer.eval.Samples;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.gate.train.GradientSource;

/// Processes that have a model open and share the work of one command. The command does what it does alone, but for the
/// part that it hands over here; what comes out is the same.
public interface Crew extends AutoCloseable {

    /// Measures what is missing of tasks.
    ///
    /// @param library of the texts and gates that specifications name, for this process
    /// @param samples what is there; takes what is measured
    /// @param each    told after every part that arrived
    Measurer measurer(Library library, Samples samples, Consumer<Samples> each);

    /// Computes the gradients of a training.
    GradientSource gradients(TrainingJob job);

    @Override
    void close();
}
