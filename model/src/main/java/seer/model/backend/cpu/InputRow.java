package seer.model.backend.cpu;

import static seer.model.backend.cpu.QuantizedKernel.EIGHT;

/// A single row of inputs, prepared once for all the panels that it is multiplied with.
///
/// @param values `[K]`
/// @param fours  `[K]`, each times its [QuantizedKernel#place] for four bits; this and the others are null where no
///               panel is quantized
/// @param eights `[K]`, the same for eight bits
/// @param sums   `[K / 8]` of eight values each
record InputRow(float[] values, float[] fours, float[] eights, float[] sums) {

    /// @param values    may hold more than `inputs`
    /// @param quantized whether any panel is
    /// @param scratch   holds what is derived until the next row
    static InputRow of(float[] values, int inputs, boolean quantized, Scratch scratch) {
        if (!quantized) {
            return new InputRow(values, null, null, null);
        }
        float[] fours = scratch.floats(Scratch.FOURS, inputs);
        float[] eights = scratch.floats(Scratch.EIGHTS, inputs);
        float[] sums = scratch.floats(Scratch.SUMS, inputs / EIGHT);
        for (int i = 0; i < inputs / EIGHT; i++) {
            float sum = 0;
            for (int k = i * EIGHT; k < (i + 1) * EIGHT; k++) {
                fours[k] = values[k] * QuantizedKernel.place(4, k);
                eights[k] = values[k] * QuantizedKernel.place(8, k);
                sum += values[k];
            }
            sums[i] = sum;
        }
        return new InputRow(values, fours, eights, sums);
    }
}
