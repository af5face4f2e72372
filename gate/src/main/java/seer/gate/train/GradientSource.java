package seer.gate.train;

import java.util.List;
import java.util.stream.LongStream;

/// Whoever computes gradients for a training: this process, or many.
public interface GradientSource extends AutoCloseable {

    /// Gradients at `weights`, each sequence weighing as much as it does in a batch of the plan.
    ///
    /// @param weights of the plan's gates, in its order; read only
    /// @param indices of sequences, the same to whoever has the same plan and source
    Gradients of(List<GateParameters> weights, LongStream indices);

    @Override
    void close();
}
