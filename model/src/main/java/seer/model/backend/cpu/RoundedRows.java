package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;

import java.util.Arrays;

/// Rows of inputs rounded to whole numbers of 8 bits, 32 of them with a scale of their own: what [IntegerKernel]
/// multiplies weights of four bits with.
///
/// ```text
///   number = round(127 x / m)    scale = m / 127    sum = scale * (sum of the 32 numbers)
///   m = the largest magnitude of the 32, so -127 <= number <= 127
/// ```
///
/// Rows stand together by fours or twelves, their blocks side by side: so a kernel finds them from one address. Each
/// number is in both halves of its word, which is spread over a vector of 16-bit numbers as it is loaded.
///
/// @param numbers `[rows / ROWS, inputs / 32, ROWS, 32]`; rows that are missing are 0
/// @param scales  `[rows / ROWS, inputs / 32, ROWS]`
/// @param sums    `[rows / ROWS, inputs / 32, ROWS]`
record RoundedRows(int inputs, int[] numbers, float[] scales, float[] sums) {
    /// Inputs that share a scale: those of a block of weights, or of a part of one.
    static final int BLOCK = 32;
    /// Rows that stand together: those of [IntegerTileKernel] where registers are 32, else of [IntegerKernel#multiply].
    static final int ROWS = GROUP == 2 ? IntegerSumKernel.FOUR : IntegerTileKernel.ROWS;
    /// Such groups that a task rounds.
    private static final int GROUPS = 12 / ROWS;

    /// Rows `from .. from + rows` of `a`, shared out among the threads, in the caller's scratch until the next ones.
    ///
    /// @param ready makes rows, counted from `from`, what is rounded, just before; or null where they are
    static RoundedRows of(CpuThreads threads, float[] a, int from, int rows, int inputs, CpuThreads.Stretch ready) {
        int groups = Math.ceilDiv(rows, ROWS);
        int blocks = inputs / BLOCK;
        var own = threads.own();
        var rounded = new RoundedRows(inputs, own.ints(Scratch.NUMBERS, groups * ROWS * inputs),
                own.floats(Scratch.ROUNDED_SCALES, groups * ROWS * blocks),
                own.floats(Scratch.ROUNDED_SUMS, groups * ROWS * blocks));
        threads.run(Math.ceilDiv(groups, GROUPS), (task, scratch) -> {
            int end = Math.min(groups, (task + 1) * GROUPS);
            if (ready != null) {
                ready.run(task * GROUPS * ROWS, Math.min(rows, end * ROWS), scratch);
            }
            for (int group = task * GROUPS; group < end; group++) {
                rounded.round(a, from, rows, group);
            }
        });
        return rounded;
    }

    private void round(float[] a, int from, int rows, int group) {
        int blocks = inputs / BLOCK;
        int scale = group * blocks * ROWS;
        int number = group * ROWS * inputs;
        for (int r = 0; r < ROWS; r++) {
            int row = group * ROWS + r;
            if (row < rows) {
                IntegerKernel.round(a, (from + row) * inputs, blocks, numbers, number + r * BLOCK, ROWS * BLOCK, scales,
                        sums, scale + r, ROWS);
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
