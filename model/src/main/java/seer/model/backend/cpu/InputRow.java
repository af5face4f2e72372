package seer.model.backend.cpu;

import static seer.model.backend.cpu.QuantizedKernel.EIGHT;

/// A single row of inputs, prepared once for all the panels that it is multiplied with.
///
/// @param values `[K]`
/// @param fours  `[K]`, each times its [QuantizedKernel#place] for four bits; this and the others are null where no
///               panel is quantized
/// @param eights `[K]`, the same for eight bits
/// @param sums    `[K / 8]` of eight values each
/// @param rounded the same row in whole numbers, which then takes the place of `fours`; or null
record InputRow(float[] values, float[] fours, float[] eights, float[] sums, RoundedRow rounded) {

    /// @param values  may hold more than `inputs`
    /// @param w       what it is multiplied with
    /// @param scratch holds what is derived until the next row
    static InputRow of(float[] values, CpuMatrix w, Scratch scratch) {
        if (!w.isQuantized()) {
            return new InputRow(values, null, null, null, null);
        }
        int inputs = w.inputs();
        RoundedRow rounded = w.rounding() ? RoundedRow.of(values, inputs, scratch) : null;
        float[] fours = scratch.floats(Scratch.FOURS, inputs);
        float[] eights = scratch.floats(Scratch.EIGHTS, inputs);
        float[] sums = scratch.floats(Scratch.SUMS, inputs / EIGHT);
        float four = QuantizedKernel.place(4, 1);
        float eight = QuantizedKernel.place(8, 1);
        for (int k = 0; k < inputs; k += 2) {
            fours[k] = values[k];
            fours[k + 1] = values[k + 1] * four;
            eights[k] = values[k];
            eights[k + 1] = values[k + 1] * eight;
        }
        for (int i = 0; i < inputs / EIGHT; i++) {
            int k = i * EIGHT;
            sums[i] = values[k] + values[k + 1] + (values[k + 2] + values[k + 3])
                    + (values[k + 4] + values[k + 5] + (values[k + 6] + values[k + 7]));
        }
        return new InputRow(values, fours, eights, sums, rounded);
    }

    /// What eight inputs add to before their scale, where each number is larger than its weight by `lifted`.
    ///
    /// @param target `[inputs / 8]`
    void starts(int lifted, int inputs, float[] target) {
        for (int i = 0; i < inputs / EIGHT; i++) {
            target[i] = -lifted * sums[i];
        }
    }

    /// Sums of so many values each.
    ///
    /// @param target `[inputs / part]`
    void sums(int part, int inputs, float[] target) {
        int each = part / EIGHT;
        for (int i = 0; i < inputs / part; i++) {
            float sum = 0;
            for (int j = i * each; j < (i + 1) * each; j++) {
                sum += sums[j];
            }
            target[i] = sum;
        }
    }
}
