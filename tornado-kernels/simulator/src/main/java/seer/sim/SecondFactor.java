package seer.sim;

import java.util.function.IntConsumer;

/// The second factor of a product of 128 items, 16 x `columns` of bf16 in local memory.
///
/// ```text
///   stored by its columns (transposed = 0):  column n is a row of 32 bytes, 128 bytes below column n - 1
///   by its rows (transposed = 1):         row k is a row of 128 bytes (64 columns), 128 bytes below row k - 1;
///                                         the next 64 columns are `leading` bytes further on
/// ```
/// Addresses are those of a tile that is not swizzled. The hardware then exchanges chunks of 16 bytes: bits 4 to 6 of
/// an address by their exclusive or with bits 7 to 9. (In ints: bits 2 to 4 with bits 5 to 7.)
///
/// @param at int of `local`
record SecondFactor(int[] local, int at, int columns, int transposed, int leading) {

    /// Where the int stands that an address without the swizzle names.
    static int swizzled(int index) {
        return index ^ (index >> 5 & 7) << 2;
    }

    void check(WorkGroup group) {
        if (columns < 8 || columns > 256 || columns % 8 != 0) {
            throw group.fault(Fault.OUT_OF_RANGE, local, at, "a product has 8 to 256 columns, not " + columns);
        }
        if (transposed == 1 && (columns % 64 != 0 || leading % 1024 != 0)) {
            throw group.fault(Fault.MISALIGNED_TILE, local, at, columns + " columns " + leading + " bytes apart where "
                    + "64 are wanted for each tile and tiles begin at multiples of 1,024 bytes");
        }
        requireAligned(group, local, at);
        chunks(index -> group.locals.requireAligned(local, index, 4, 4, "the second factor"));
    }

    /// The row that an address without the swizzle begins with has to be the first of eight.
    static void requireAligned(WorkGroup group, int[] local, int at) {
        if ((at & 3) != 0 || (at >> 5 & 7) != 0) {
            throw group.fault(Fault.MISALIGNED_TILE, local, at, "the first row of a swizzled tile begins at int " + at
                    + ", not within the first 32 of 256");
        }
    }

    /// All chunks of four ints that it lies in.
    void chunks(IntConsumer chunk) {
        if (transposed == 0) {
            for (int n = 0; n < columns; n++) {
                chunk.accept(swizzled(at + n * 32));
                chunk.accept(swizzled(at + n * 32 + 4));
            }
        } else {
            for (int n = 0; n < columns; n += 8) {
                for (int k = 0; k < 16; k++) {
                    chunk.accept(swizzled(at + n / 64 * (leading / 4) + k * 32 + n % 64 / 2));
                }
            }
        }
    }

    /// Its elements, `[16][columns]`.
    float[] values() {
        float[] values = new float[16 * columns];
        for (int k = 0; k < 16; k++) {
            for (int n = 0; n < columns; n++) {
                int index = transposed == 0 ? at + n * 32 + k / 2 : at + n / 64 * (leading / 4) + k * 32 + n % 64 / 2;
                int odd = transposed == 0 ? k % 2 : n % 2;
                int word = local[swizzled(index)];
                values[k * columns + n] = odd == 0 ? WarpModel.low(word) : WarpModel.high(word);
            }
        }
        return values;
    }
}
