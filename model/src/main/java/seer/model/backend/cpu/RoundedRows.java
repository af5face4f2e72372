package seer.model.backend.cpu;

import java.util.Arrays;

/// Rows of inputs rounded to whole numbers of 8 bits, 32 of them with a scale of their own: what [IntegerKernel]
/// multiplies weights of four bits with.
///
/// ```text
///   number = round(127 x / m)    scale = m / 127    sum = scale * (sum of the 32 numbers)
///   m = the largest magnitude of the 32, so -127 <= number <= 127
/// ```
///
/// Rows stand together by fours, their blocks side by side: so a kernel finds them from one address. Each number is in
/// both halves of its word, which is spread over a vector of 16-bit numbers as it is loaded.
///
/// @param numbers `[rows / 4, inputs / 32, 4, 32]`; rows that are missing are 0
/// @param scales  `[rows / 4, inputs / 32, 4]`
/// @param sums    `[rows / 4, inputs / 32, 4]`
record RoundedRows(int inputs, int[] numbers, float[] scales, float[] sums) {
    /// Inputs that share a scale: those of a block of weights, or of a part of one.
    static final int BLOCK = 32;
    /// Rows of a kernel.
    static final int ROWS = 4;
    /// Fours of rows that a task rounds.
    private static final int FOURS = 4;

    /// Rows `from .. from + rows` of `a`, shared out among the threads, in the caller's scratch until the next ones.
    static RoundedRows of(CpuThreads threads, float[] a, int from, int rows, int inputs) {
        int fours = Math.ceilDiv(rows, ROWS);
        int blocks = inputs / BLOCK;
        var own = threads.own();
        var rounded = new RoundedRows(inputs, own.ints(Scratch.NUMBERS, fours * ROWS * inputs),
                own.floats(Scratch.ROUNDED_SCALES, fours * ROWS * blocks),
                own.floats(Scratch.ROUNDED_SUMS, fours * ROWS * blocks));
        threads.run(Math.ceilDiv(fours, FOURS), (task, scratch) -> {
            for (int four = task * FOURS; four < Math.min(fours, (task + 1) * FOURS); four++) {
                rounded.round(a, from, rows, four, scratch);
            }
        });
        return rounded;
    }

    private void round(float[] a, int from, int rows, int four, Scratch scratch) {
        int blocks = inputs / BLOCK;
        int scale = four * blocks * ROWS;
        int number = four * ROWS * inputs;
        float[] lanes = scratch.floats(Scratch.LANES, Lanes.LENGTH);
        for (int r = 0; r < ROWS; r++) {
            int row = four * ROWS + r;
            if (row < rows) {
                IntegerKernel.round(a, (from + row) * inputs, blocks, numbers, number + r * BLOCK, ROWS * BLOCK, scales,
                        sums, scale + r, ROWS, lanes);
            } else {
                for (int b = 0; b < blocks; b++) {
                    int at = number + (b * ROWS + r) * BLOCK;
                    Arrays.fill(numbers, at, at + BLOCK, 0);
                    scales[scale + b * ROWS + r] = 0;
                    sums[scale + b * ROWS + r] = 0;
                }
            }
        }
    }
}
