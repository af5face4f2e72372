package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.QuantizedKernel.EIGHT;

import jdk.incubator.vector.FloatVector;

/// A single row of inputs, prepared once for all the panels that it is multiplied with.
///
/// @param values   `[K]`
/// @param fours    `[K]`, each times its place for four bits ([QuantizedKernel#place], [WideRowKernel#place]); this and
///                 what follows are null where no panel is quantized
/// @param eights   `[K]`, the same for eight bits
/// @param sums     `[K / 8]` of eight values each
/// @param sixteens `[K / 16]` of sixteen
/// @param blocks   `[K / 32]` of 32
/// @param rounded  the same row in whole numbers, in place of `fours`, which is null then; or null
record InputRow(float[] values, float[] fours, float[] eights, float[] sums, float[] sixteens, float[] blocks,
                RoundedRow rounded) {
    private static final float[] FOURS = places(4);
    private static final float[] EIGHTS = places(8);

    /// @param values  may hold more than `inputs`
    /// @param w       what it is multiplied with
    /// @param scratch holds what is derived until the next row
    static InputRow of(float[] values, CpuMatrix w, Scratch scratch) {
        if (!w.isQuantized()) {
            return new InputRow(values, null, null, null, null, null, null);
        }
        int inputs = w.inputs();
        RoundedRow rounded = w.rounding() ? RoundedRow.of(values, inputs, scratch) : null;
        float[] fours = rounded == null ? scratch.floats(Scratch.FOURS, inputs) : null;
        float[] eights = scratch.floats(Scratch.EIGHTS, inputs);
        float[] sums = scratch.floats(Scratch.SUMS, inputs / EIGHT);
        if (fours != null) {
            multiply(values, inputs, FOURS, fours);
        }
        multiply(values, inputs, EIGHTS, eights);
        for (int i = 0; i < inputs / EIGHT; i++) {
            int k = i * EIGHT;
            sums[i] = values[k] + values[k + 1] + (values[k + 2] + values[k + 3])
                    + (values[k + 4] + values[k + 5] + (values[k + 6] + values[k + 7]));
        }
        float[] sixteens = scratch.floats(Scratch.SIXTEENS, inputs / (2 * EIGHT));
        float[] blocks = scratch.floats(Scratch.BLOCKS, inputs / (4 * EIGHT));
        pairs(sums, inputs / (2 * EIGHT), sixteens);
        pairs(sixteens, inputs / (4 * EIGHT), blocks);
        return new InputRow(values, fours, eights, sums, sixteens, blocks, rounded);
    }

    /// Those of eight inputs, again and again up to a vector.
    private static float[] places(int bits) {
        var places = new float[Math.max(EIGHT, LENGTH)];
        for (int k = 0; k < places.length; k++) {
            places[k] = WideRowKernel.SUITS ? WideRowKernel.place(bits, k) : QuantizedKernel.place(bits, k);
        }
        return places;
    }

    private static void multiply(float[] values, int inputs, float[] places, float[] target) {
        for (int k = 0; k < inputs; k += LENGTH) {
            FloatVector.fromArray(SPECIES, values, k).mul(FloatVector.fromArray(SPECIES, places, k % places.length))
                    .intoArray(target, k);
        }
    }

    private static void pairs(float[] sums, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = sums[2 * i] + sums[2 * i + 1];
        }
    }

    /// What eight inputs add to before their scale, where each number is larger than its weight by `lifted`.
    ///
    /// @param target `[inputs / 8]`
    void starts(int lifted, int inputs, float[] target) {
        for (int i = 0; i < inputs / EIGHT; i++) {
            target[i] = -lifted * sums[i];
        }
    }

    /// Sums of 16 or 32 values each, `[K / part]`.
    float[] sums(int part) {
        return part == 2 * EIGHT ? sixteens : blocks;
    }
}
