package seer.gate.train;

import java.util.Optional;
import seer.model.attention.MassPooling;

/// How the softmax probabilities of a block become one number.
public enum TargetPooling {
    /// The largest: the published form.
    MAX(null),
    /// The mass that falls into the block, averaged over its queries.
    AVERAGE(MassPooling.MEAN),
    /// The mass that falls into the block, the largest of its queries.
    PEAK(MassPooling.PEAK),
    /// The mass that falls into the block, the root of the mean of its squares.
    ROOT(MassPooling.ROOT);

    private final MassPooling mass;

    TargetPooling(MassPooling mass) {
        this.mass = mass;
    }

    /// How masses are pooled; empty where single probabilities are.
    Optional<MassPooling> mass() {
        return Optional.ofNullable(mass);
    }
}
