package seer.sim;

import java.util.Arrays;
import java.util.function.IntConsumer;

/// One product of 128 items that tensor cores compute while the items go on: what each item's registers are, and what
/// of it is done. Each warp has 16 of the 64 rows, and its part begins and ends by itself.
final class Product {

    final SecondFactor second;
    /// Int of local memory at which 64 rows of the first factor begin; negative: it stands in registers.
    final int firstAt;
    final int keep;
    final int sumsAt;
    final int registersAt;
    final float[][] sums = new float[Products.ITEMS][];
    final int[][] registers = new int[Products.ITEMS][];
    /// By warp: what it reads of local memory, once its first lane has asked for it; and when it did.
    final ReadMarks[] reads = new ReadMarks[Products.ITEMS / Meeting.LANES];
    final int[] stamps = new int[reads.length];
    private float[] values;
    private int done;

    Product(SecondFactor second, int firstAt, int keep, int sumsAt, int registersAt) {
        this.second = second;
        this.firstAt = firstAt;
        this.keep = keep;
        this.sumsAt = sumsAt;
        this.registersAt = registersAt;
    }

    /// Registers of an item for its sums.
    int width() {
        return second.columns() / 2;
    }

    boolean sums(int item, Object array, int index) {
        return sums[item] == array && index >= sumsAt && index < sumsAt + width();
    }

    boolean factor(int item, Object array, int index) {
        return registers[item] == array && index >= registersAt && index < registersAt + 4;
    }

    /// Chunks of four ints that a warp reads of local memory.
    void read(int warp, IntConsumer chunk) {
        second.chunks(chunk);
        for (int r = 0; firstAt >= 0 && r < 16; r++) {
            int row = firstAt + (warp * 16 + r) * 32;
            chunk.accept(SecondFactor.swizzled(row));
            chunk.accept(SecondFactor.swizzled(row + 4));
        }
    }

    /// Computes the 16 rows of a warp.
    void compute(int warp) {
        int columns = second.columns();
        if (values == null) {
            values = second.values();
        }
        float[] left = left(warp);
        float[] row = new float[columns];
        for (int r = 0; r < 16; r++) {
            spread(warp, r, row, true);
            for (int k = 0; k < 16; k++) {
                float x = left[r * 16 + k];
                for (int n = 0; n < columns; n++) {
                    row[n] += x * values[k * columns + n];
                }
            }
            spread(warp, r, row, false);
        }
        if (++done == reads.length) {
            values = null;
            Arrays.fill(sums, null);
            Arrays.fill(registers, null);
        }
    }

    /// Gathers a row of sums from the lanes that hold it, or gives it back to them.
    private void spread(int warp, int r, float[] row, boolean gather) {
        for (int t = 0; t < 4; t++) {
            float[] d = sums[warp * Meeting.LANES + r % 8 * 4 + t];
            for (int c = 0; c < row.length / 8; c++) {
                int at = sumsAt + c * 4 + r / 8 * 2;
                int n = c * 8 + t * 2;
                if (gather) {
                    row[n] = keep == 0 ? 0 : d[at];
                    row[n + 1] = keep == 0 ? 0 : d[at + 1];
                } else {
                    d[at] = row[n];
                    d[at + 1] = row[n + 1];
                }
            }
        }
    }

    private float[] left(int warp) {
        float[] left = new float[256];
        for (int lane = 0; firstAt < 0 && lane < Meeting.LANES; lane++) {
            WarpModel.left(registers[warp * Meeting.LANES + lane], registersAt, lane, left);
        }
        for (int i = 0; firstAt >= 0 && i < 128; i++) {
            int row = firstAt + (warp * 16 + i / 8) * 32;
            int word = second.local()[SecondFactor.swizzled(row + i % 8)];
            left[i * 2] = WarpModel.low(word);
            left[i * 2 + 1] = WarpModel.high(word);
        }
        return left;
    }
}
