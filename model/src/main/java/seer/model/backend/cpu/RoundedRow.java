package seer.model.backend.cpu;

import static seer.model.backend.cpu.RoundedRows.BLOCK;

/// A single row rounded as [RoundedRows] are, for words of weights as they are stored.
///
/// @param pairs  `[inputs / 2]`: inputs `k` and `k + 4` of each eight, in the lower and the upper half of a word
/// @param scales `[inputs / 32]`
/// @param sums   `[inputs / 32]`
record RoundedRow(int[] pairs, float[] scales, float[] sums) {
    private static final int EIGHT = QuantizedKernel.EIGHT;

    /// @param values  may hold more than `inputs`
    /// @param scratch holds it until the next row
    static RoundedRow of(float[] values, int inputs, Scratch scratch) {
        int blocks = inputs / BLOCK;
        var row = new RoundedRow(scratch.ints(Scratch.NUMBERS, inputs / 2),
                scratch.floats(Scratch.ROUNDED_SCALES, blocks), scratch.floats(Scratch.ROUNDED_SUMS, blocks));
        int[] numbers = scratch.ints(Scratch.PLAIN_NUMBERS, inputs);
        IntegerKernel.round(values, 0, blocks, numbers, 0, BLOCK, row.scales, row.sums, 0, 1);
        for (int k = 0; k < inputs / 2; k++) {
            int first = k / 4 * EIGHT + k % 4;
            row.pairs[k] = numbers[first] & 0xFFFF | numbers[first + 4] & 0xFFFF0000;
        }
        return row;
    }
}
