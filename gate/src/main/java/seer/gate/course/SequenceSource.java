package seer.gate.course;

/// Sequences to train on.
public interface SequenceSource {

    /// Sequence `index`, exactly `length` tokens: the same whenever it is asked for, by whatever thread. So a run that
    /// goes on from a checkpoint needs to know nothing but its step.
    TrainingSequence sequence(long index, int length);

    /// What it draws from, in words: part of an adapter's provenance.
    String label();
}
