package seer.gate.train;

/// What a gate is to make of the first block, where that is an attention sink: many models park there the attention
/// that they have no use for, most of a row's. It is kept whatever a gate says, so its mass teaches nothing, and drowns
/// what the gate has to rank.
public enum SinkTarget {
    /// As the target map has it: the published form.
    MASS,
    /// No more than the largest of the row's other blocks.
    CAPPED;

    /// The target of a row's first block.
    ///
    /// @param a     target map, the row from element `from` on
    /// @param count causal blocks of the row
    float first(float[] a, int from, int count) {
        if (this == MASS || count == 1) {
            return a[from];
        }
        float largest = 0;
        for (int j = 1; j < count; j++) {
            largest = Math.max(largest, a[from + j]);
        }
        return Math.min(a[from], largest);
    }
}
