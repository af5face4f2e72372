package seer.model.backend.cpu;

import static seer.model.backend.cpu.IntegerKernel.COLUMNS;
import static seer.model.backend.cpu.IntegerSumKernel.FOUR;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;
import static seer.model.backend.cpu.RoundedRows.BLOCK;
import static seer.model.backend.cpu.RoundedRows.ROWS;

/// Rounded rows times a panel of weights of four bits: `sum over blocks of scale_a * scale_w * (whole numbers' product)
/// + sum_a * base_w`.
///
/// ```text
///   for each chunk of 1024 k:            unpacked once for all rows: 128 KiB, from level 2
///     for four rows, or twelve:          their numbers from level 1
///       for each tile of the panel:      sums of blocks, then what they are worth
/// ```
final class IntegerProduct {
    /// Inputs that are multiplied before the next outputs come, at most.
    private static final int DEPTH = 1024;
    /// Chunks are multiples of two blocks.
    private static final int UNIT = 2 * BLOCK;

    private final RoundedRows a;
    private final QuantizedPanel panel;
    private final PanelMatmul.Place out;
    private final Scratch scratch;

    /// @param out of the first of the rows
    IntegerProduct(RoundedRows a, QuantizedPanel panel, PanelMatmul.Place out, Scratch scratch) {
        this.a = a;
        this.panel = panel;
        this.out = out;
        this.scratch = scratch;
    }

    /// Multiplies rows `first .. first + rows`, `first` a multiple of [RoundedRows#ROWS].
    void run(int first, int rows) {
        int chunks = Math.ceilDiv(a.inputs(), DEPTH);
        int chunk = Math.ceilDiv(a.inputs(), chunks * UNIT) * UNIT;
        for (int k = 0; k < a.inputs(); k += chunk) {
            int depth = Math.min(chunk, a.inputs() - k);
            unpack(k, depth);
            for (int row = 0; row < rows; row += ROWS) {
                rows(first + row, k, depth, out.at() + row * out.stride(), Math.min(ROWS, rows - row));
            }
        }
    }

    /// Into the scratch, tile after tile.
    private void unpack(int k, int depth) {
        int blocks = depth / BLOCK;
        short[] numbers = scratch.shorts(Scratch.UNPACKED, depth * PANEL);
        float[] factors = scratch.floats(Scratch.FACTORS, blocks * PANEL);
        float[] bases = scratch.floats(Scratch.TILE_BASES, blocks * PANEL);
        for (int lane = 0; lane < PANEL; lane += STRIP) {
            int tile = lane / COLUMNS * COLUMNS;
            panel.unpack(k, depth, lane, numbers, tile * depth + lane % COLUMNS, factors, bases,
                    tile * blocks + lane % COLUMNS, scratch);
        }
    }

    /// Up to so many rows as stand together: all of them by one kernel where there is one, else by fours.
    private void rows(int row, int k, int depth, int at, int count) {
        int blocks = depth / BLOCK;
        int from = row / ROWS * ROWS * a.inputs() + k * ROWS;
        boolean add = out.add() || k > 0;
        short[] numbers = scratch.shorts(Scratch.UNPACKED, 0);
        short[] sums = scratch.shorts(Scratch.BLOCK_SUMS, blocks * ROWS * COLUMNS);
        for (int tile = 0; tile < PANEL; tile += COLUMNS) {
            if (count == IntegerTileKernel.ROWS) {
                IntegerTileKernel.multiply(a.numbers(), from, blocks, numbers, tile * depth, sums);
            } else {
                for (int r = 0; r < count; r += FOUR) {
                    IntegerKernel.multiply(a.numbers(), from + r * BLOCK, blocks, numbers, tile * depth, sums,
                            r * COLUMNS);
                }
            }
            for (int r = 0; r < count; r += FOUR) {
                if (count - r >= FOUR) {
                    scale(sums, r, blocks, from / BLOCK, tile, out.values(), at + r * out.stride() + tile,
                            out.stride(), add);
                } else {
                    last(sums, r, blocks, from / BLOCK, tile, at + r * out.stride() + tile, count - r, add);
                }
            }
        }
    }

    /// Four rows from `row` of those that stand together on.
    private void scale(short[] sums, int row, int blocks, int first, int tile, float[] target, int at, int stride,
                       boolean add) {
        IntegerSumKernel.scale(sums, row * COLUMNS, blocks, a.scales(), a.sums(), first + row,
                scratch.floats(Scratch.FACTORS, 0), scratch.floats(Scratch.TILE_BASES, 0), tile * blocks, target, at,
                stride, add);
    }

    /// Fewer than four rows, by way of four.
    private void last(short[] sums, int first, int blocks, int scales, int tile, int at, int count, boolean add) {
        float[] four = scratch.floats(Scratch.FOUR_ROWS, FOUR * COLUMNS);
        for (int row = 0; row < count && add; row++) {
            System.arraycopy(out.values(), at + row * out.stride(), four, row * COLUMNS, COLUMNS);
        }
        scale(sums, first, blocks, scales, tile, four, 0, COLUMNS, add);
        for (int row = 0; row < count; row++) {
            System.arraycopy(four, row * COLUMNS, out.values(), at + row * out.stride(), COLUMNS);
        }
    }
}
