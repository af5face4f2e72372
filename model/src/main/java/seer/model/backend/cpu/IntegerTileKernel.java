package seer.model.backend.cpu;

import static seer.model.backend.cpu.IntegerKernel.COLUMNS;
import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SHORTS;
import static seer.model.backend.cpu.RoundedRows.BLOCK;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// [IntegerKernel#multiply] of twelve rows, where registers are 32: 24 sums, two vectors of weights, and the rest for
/// what is on its way. An input at a time: with two of them registers do not suffice.
///
/// ```text
///                 numbers[k, 2 vectors]     per k:  2 loads of weights
///                 [--------][--------]             12 broadcasting loads of a
///   a[row 0, k]       00        01                 24 products, and 24 sums on the units that do not multiply
///   ...
///   a[row 11, k]     110       111
/// ```
final class IntegerTileKernel {
    /// Rows.
    static final int ROWS = 12;

    private IntegerTileKernel() {
    }

    /// @param a       `[blocks, 12, 32]`, rounded rows
    /// @param numbers `[32 * blocks, COLUMNS]`, as [IntegerKernel#unpack] leaves them
    /// @param sums    `[blocks, 12, COLUMNS]`
    static void multiply(int[] a, int a0, int blocks, short[] numbers, int n0, short[] sums) {
        for (int b = 0; b < blocks; b++) {
            ShortVector s00 = ShortVector.zero(SHORTS);
            ShortVector s01 = ShortVector.zero(SHORTS);
            ShortVector s10 = ShortVector.zero(SHORTS);
            ShortVector s11 = ShortVector.zero(SHORTS);
            ShortVector s20 = ShortVector.zero(SHORTS);
            ShortVector s21 = ShortVector.zero(SHORTS);
            ShortVector s30 = ShortVector.zero(SHORTS);
            ShortVector s31 = ShortVector.zero(SHORTS);
            ShortVector s40 = ShortVector.zero(SHORTS);
            ShortVector s41 = ShortVector.zero(SHORTS);
            ShortVector s50 = ShortVector.zero(SHORTS);
            ShortVector s51 = ShortVector.zero(SHORTS);
            ShortVector s60 = ShortVector.zero(SHORTS);
            ShortVector s61 = ShortVector.zero(SHORTS);
            ShortVector s70 = ShortVector.zero(SHORTS);
            ShortVector s71 = ShortVector.zero(SHORTS);
            ShortVector s80 = ShortVector.zero(SHORTS);
            ShortVector s81 = ShortVector.zero(SHORTS);
            ShortVector s90 = ShortVector.zero(SHORTS);
            ShortVector s91 = ShortVector.zero(SHORTS);
            ShortVector s100 = ShortVector.zero(SHORTS);
            ShortVector s101 = ShortVector.zero(SHORTS);
            ShortVector s110 = ShortVector.zero(SHORTS);
            ShortVector s111 = ShortVector.zero(SHORTS);
            int from = a0 + b * BLOCK * ROWS;
            int at = n0 + b * BLOCK * COLUMNS;
            for (int k = 0; k < BLOCK; k++) {
                int n = at + k * COLUMNS;
                int x = from + k;
                ShortVector w0 = ShortVector.fromArray(SHORTS, numbers, n);
                ShortVector w1 = ShortVector.fromArray(SHORTS, numbers, n + 2 * LENGTH);
                ShortVector r0 = IntVector.broadcast(INTS, a[x]).reinterpretAsShorts();
                s00 = s00.add(r0.mul(w0));
                s01 = s01.add(r0.mul(w1));
                ShortVector r1 = IntVector.broadcast(INTS, a[x + BLOCK]).reinterpretAsShorts();
                s10 = s10.add(r1.mul(w0));
                s11 = s11.add(r1.mul(w1));
                ShortVector r2 = IntVector.broadcast(INTS, a[x + 2 * BLOCK]).reinterpretAsShorts();
                s20 = s20.add(r2.mul(w0));
                s21 = s21.add(r2.mul(w1));
                ShortVector r3 = IntVector.broadcast(INTS, a[x + 3 * BLOCK]).reinterpretAsShorts();
                s30 = s30.add(r3.mul(w0));
                s31 = s31.add(r3.mul(w1));
                ShortVector r4 = IntVector.broadcast(INTS, a[x + 4 * BLOCK]).reinterpretAsShorts();
                s40 = s40.add(r4.mul(w0));
                s41 = s41.add(r4.mul(w1));
                ShortVector r5 = IntVector.broadcast(INTS, a[x + 5 * BLOCK]).reinterpretAsShorts();
                s50 = s50.add(r5.mul(w0));
                s51 = s51.add(r5.mul(w1));
                ShortVector r6 = IntVector.broadcast(INTS, a[x + 6 * BLOCK]).reinterpretAsShorts();
                s60 = s60.add(r6.mul(w0));
                s61 = s61.add(r6.mul(w1));
                ShortVector r7 = IntVector.broadcast(INTS, a[x + 7 * BLOCK]).reinterpretAsShorts();
                s70 = s70.add(r7.mul(w0));
                s71 = s71.add(r7.mul(w1));
                ShortVector r8 = IntVector.broadcast(INTS, a[x + 8 * BLOCK]).reinterpretAsShorts();
                s80 = s80.add(r8.mul(w0));
                s81 = s81.add(r8.mul(w1));
                ShortVector r9 = IntVector.broadcast(INTS, a[x + 9 * BLOCK]).reinterpretAsShorts();
                s90 = s90.add(r9.mul(w0));
                s91 = s91.add(r9.mul(w1));
                ShortVector r10 = IntVector.broadcast(INTS, a[x + 10 * BLOCK]).reinterpretAsShorts();
                s100 = s100.add(r10.mul(w0));
                s101 = s101.add(r10.mul(w1));
                ShortVector r11 = IntVector.broadcast(INTS, a[x + 11 * BLOCK]).reinterpretAsShorts();
                s110 = s110.add(r11.mul(w0));
                s111 = s111.add(r11.mul(w1));
            }
            int to = b * ROWS * COLUMNS;
            s00.intoArray(sums, to);
            s01.intoArray(sums, to + 2 * LENGTH);
            s10.intoArray(sums, to + 4 * LENGTH);
            s11.intoArray(sums, to + 6 * LENGTH);
            s20.intoArray(sums, to + 8 * LENGTH);
            s21.intoArray(sums, to + 10 * LENGTH);
            s30.intoArray(sums, to + 12 * LENGTH);
            s31.intoArray(sums, to + 14 * LENGTH);
            s40.intoArray(sums, to + 16 * LENGTH);
            s41.intoArray(sums, to + 18 * LENGTH);
            s50.intoArray(sums, to + 20 * LENGTH);
            s51.intoArray(sums, to + 22 * LENGTH);
            s60.intoArray(sums, to + 24 * LENGTH);
            s61.intoArray(sums, to + 26 * LENGTH);
            s70.intoArray(sums, to + 28 * LENGTH);
            s71.intoArray(sums, to + 30 * LENGTH);
            s80.intoArray(sums, to + 32 * LENGTH);
            s81.intoArray(sums, to + 34 * LENGTH);
            s90.intoArray(sums, to + 36 * LENGTH);
            s91.intoArray(sums, to + 38 * LENGTH);
            s100.intoArray(sums, to + 40 * LENGTH);
            s101.intoArray(sums, to + 42 * LENGTH);
            s110.intoArray(sums, to + 44 * LENGTH);
            s111.intoArray(sums, to + 46 * LENGTH);
        }
    }
}
