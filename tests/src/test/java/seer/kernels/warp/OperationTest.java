package seer.kernels.warp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each operation of a warp against plain Java, lane by lane as its documentation draws it. Numbers are small integers,
/// so that sums are exact in any order.
@Conformance
@OnTensorCores
class OperationTest {

    private static final float[] EDGES = {0, -0.0f, 1, -1, 1.00390625f, 1.01171875f, 0.1f, 3.3895314e38f, 3.4e38f,
            1e-39f,
        Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 127, -126, -127.5f, 300, -300, 0.5f, -3.25f};

    private static float[] matrix(long seed, int rows, int columns) {
        var random = new Random(seed);
        var x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(-4, 5);
        }
        return x;
    }

    private static int pair(float low, float high) {
        return Tiles.round(low) & 0xFFFF | Tiles.round(high) << 16;
    }

    /// A lane's ints of a first factor of 16 rows and columns.
    private static void left(float[] x, int firstRow, int lane, IntArray to, int at) {
        int row = firstRow + lane / 4;
        int column = lane % 4 * 2;
        to.set(at, pair(x[row * 16 + column], x[row * 16 + column + 1]));
        to.set(at + 1, pair(x[(row + 8) * 16 + column], x[(row + 8) * 16 + column + 1]));
        to.set(at + 2, pair(x[row * 16 + column + 8], x[row * 16 + column + 9]));
        to.set(at + 3, pair(x[(row + 8) * 16 + column + 8], x[(row + 8) * 16 + column + 9]));
    }

    @Test
    void sixteenRowsTimesEightColumns() {
        float[] a = matrix(1, 16, 16);
        float[] b = matrix(2, 16, 8);
        var left = new IntArray(128);
        var right = new IntArray(64);
        var d = new FloatArray(128);
        for (int lane = 0; lane < 32; lane++) {
            left(a, 0, lane, left, lane * 4);
            int k = lane % 4 * 2;
            int column = lane / 4;
            right.set(lane * 2, pair(b[k * 8 + column], b[(k + 1) * 8 + column]));
            right.set(lane * 2 + 1, pair(b[(k + 8) * 8 + column], b[(k + 9) * 8 + column]));
            for (int i = 0; i < 4; i++) {
                d.set(lane * 4 + i, i - 2);
            }
        }
        KernelRun.of(KernelRun.groups(1, 1, 1, 32)).in(left, right).out(d).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::multiplyAdd, new KernelContext(), left, right, d));
        for (int i = 0; i < 128; i++) {
            int lane = i / 4;
            int row = lane / 4 + i % 4 / 2 * 8;
            int column = lane % 4 * 2 + i % 2;
            float wanted = i % 4 - 2;
            for (int k = 0; k < 16; k++) {
                wanted += a[row * 16 + k] * b[k * 8 + column];
            }
            assertEquals(wanted, d.get(i), "lane " + lane + ", " + i % 4);
        }
    }

    /// The number in row `r` of matrix `m` and column `c` is `100 m + 8 r + c`, as 16 bits.
    @Test
    void matricesAreLoadedAsTheyAreAndTransposed() {
        var in = new IntArray(128);
        for (int i = 0; i < 128; i++) {
            in.set(i, number(i / 32, i / 4 % 8, i % 4 * 2) | number(i / 32, i / 4 % 8, i % 4 * 2 + 1) << 16);
        }
        var out = new IntArray(256);
        KernelRun.of(KernelRun.groups(1, 1, 1, 32)).in(in).out(out).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::load, new KernelContext(), in, out));
        for (int lane = 0; lane < 32; lane++) {
            int g = lane / 4;
            int t = lane % 4 * 2;
            for (int m = 0; m < 4; m++) {
                assertEquals(number(m, g, t) | number(m, g, t + 1) << 16, out.get(lane * 8 + m), "as it is, " + lane);
                assertEquals(number(m, t, g) | number(m, t + 1, g) << 16, out.get(lane * 8 + 4 + m), "turned, " + lane);
            }
        }
    }

    private static int number(int matrix, int row, int column) {
        return 100 * matrix + 8 * row + column;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 16, 31})
    void lanesExchangeWhatTheyHold(int mask) {
        var x = new FloatArray(64);
        var y = new IntArray(64);
        for (int i = 0; i < 64; i++) {
            x.set(i, i + 0.5f);
            y.set(i, -i);
        }
        KernelRun.of(KernelRun.groups(1, 1, 1, 64)).out(x, y).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::exchange, new KernelContext(), x, y, mask));
        for (int i = 0; i < 64; i++) {
            assertEquals((i ^ mask) + 0.5f, x.get(i));
            assertEquals(-(i ^ mask), y.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 0x80000001, 0x5A5A0FF0})
    void lanesSeeWhoRaisesAFlag(int flags) {
        var in = new IntArray(64);
        var raised = new IntArray(64);
        var below = new IntArray(64);
        for (int i = 0; i < 64; i++) {
            int own = i < 32 ? flags : ~flags;
            in.set(i, (own >>> i % 32 & 1) * (i % 2 == 0 ? -5 : 3));
        }
        KernelRun.of(KernelRun.groups(1, 1, 1, 64)).in(in).out(raised, below).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::ballot, new KernelContext(), in, raised, below));
        for (int i = 0; i < 64; i++) {
            int own = i < 32 ? flags : ~flags;
            assertEquals(own, raised.get(i));
            assertEquals(Integer.bitCount(own & (1 << i % 32) - 1), below.get(i));
        }
    }

    @Test
    void numbersAreRoundedTiesToEvenAndRaisedToPowers() {
        int pairs = EDGES.length;
        var in = new FloatArray(2 * pairs);
        for (int i = 0; i < 2 * pairs; i++) {
            in.set(i, EDGES[(i % 2 * 3 + i / 2) % pairs]);
        }
        var packed = new IntArray(pairs);
        var out = new FloatArray(4 * pairs);
        KernelRun.of(KernelRun.groups(pairs, 1, 1, 1)).in(in).out(packed, out).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::roundAndRaise, new KernelContext(), in, packed, out));
        for (int i = 0; i < pairs; i++) {
            float low = Float.intBitsToFloat(Tiles.round(in.get(2 * i)) << 16);
            float high = Float.intBitsToFloat(Tiles.round(in.get(2 * i + 1)) << 16);
            assertEquals(low, out.get(4 * i), "low of " + in.get(2 * i));
            assertEquals(high, out.get(4 * i + 1), "high of " + in.get(2 * i + 1));
            if (!Float.isNaN(low) && !Float.isNaN(high)) {
                assertEquals(pair(in.get(2 * i), in.get(2 * i + 1)), packed.get(i), "bits of pair " + i);
            }
            float power = (float) Math.pow(2, in.get(2 * i));
            power = power < Float.MIN_NORMAL ? 0 : power;
            assertEquals(power, out.get(4 * i + 2), Float.isFinite(power) ? 2 * Math.ulp(power) : 0, "2 to the power "
                    + in.get(2 * i));
            float one = flushed(1 / flushed(in.get(2 * i)));
            assertEquals(one, out.get(4 * i + 3), Float.isFinite(one) ? Math.ulp(one) : 0, "one over " + in.get(2 * i));
        }
    }

    /// Zero, where a number is not normal.
    private static float flushed(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
    }

    @Test
    void fourElementsAreReadWrittenAndAddedAtOnce() {
        var in = new FloatArray(256);
        for (int i = 0; i < 256; i++) {
            in.set(i, i * 0.25f);
        }
        var put = new FloatArray(256);
        var ints = new IntArray(256);
        var sum = new FloatArray(256);
        sum.init(2);
        KernelRun.of(KernelRun.groups(1, 1, 1, 64)).in(in).out(put, ints, sum).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::quads, new KernelContext(), in, put, ints, sum));
        for (int i = 0; i < 256; i++) {
            float x = 63 - i / 4;
            assertEquals(x + i % 4 * 0.25f, put.get(i));
            assertEquals(i, ints.get(i));
            assertEquals(2 + new float[] {x, -x, 1, 0.5f}[i % 4], sum.get(i));
        }
    }

    @Test
    void copiesOfSixteenBytesComeInBatches() {
        var in = new IntArray(1024);
        for (int i = 0; i < 1024; i++) {
            in.set(i, 3 * i);
        }
        var out = new IntArray(256);
        KernelRun.of(KernelRun.groups(1, 1, 1, 128)).in(in).out(out).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::copyInTheBackground, new KernelContext(), in, out));
        for (int i = 0; i < 128; i++) {
            assertEquals(3 * ((i + 1) % 128 * 4), out.get(i));
            assertEquals(3 * (512 + (i + 1) % 128 * 4 + 3), out.get(128 + i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void wholeTilesComeAndTheirPlacesAreUsedAgain(int tiles) {
        var in = new IntArray(tiles * Tiles.INTS);
        for (int i = 0; i < in.getSize(); i++) {
            in.set(i, i);
        }
        var out = new IntArray(tiles * Tiles.INTS);
        KernelRun.of(KernelRun.groups(1, 1, 1, 128)).in(in).out(out).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::copyInPhases, new KernelContext(), in, out, tiles));
        for (int i = 0; i < in.getSize(); i++) {
            assertEquals(i, out.get(i));
        }
    }

    @Test
    void tilesComeToBothGroupsOfACluster() {
        copyToBoth(2, 5);
    }

    static void copyToBoth(int clusters, int tiles) {
        var in = new IntArray(tiles * Tiles.INTS);
        for (int i = 0; i < in.getSize(); i++) {
            in.set(i, i);
        }
        var out = new IntArray(2 * clusters * tiles * Tiles.INTS);
        KernelRun.of(KernelRun.groups(2 * clusters, 1, 1, 128)).in(in).out(out).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::copyToBoth, new KernelContext(), in, out, tiles));
        for (int i = 0; i < out.getSize(); i++) {
            assertEquals(i % in.getSize(), out.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 256})
    void tilesInLocalMemoryAreMultiplied(int columns) {
        float[] a = matrix(3, 64, 64);
        float[] b = matrix(4, columns, 64);
        var left = IntArray.fromArray(Tiles.pack(a, 64, 64));
        var right = IntArray.fromArray(Tiles.pack(b, columns, 64));
        var d = new FloatArray(128 * 128);
        KernelRun.of(KernelRun.groups(1, 1, 1, 128)).in(left, right).out(d).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::productLocal, new KernelContext(), left, right, d, columns));
        for (int row = 0; row < 64; row++) {
            for (int column = 0; column < columns; column++) {
                float wanted = 0;
                for (int k = 0; k < 64; k++) {
                    wanted += a[row * 64 + k] * b[column * 64 + k];
                }
                assertEquals(wanted, d.get(place(row, column, 128)), row + ", " + column);
            }
        }
    }

    /// Where the sum of a row and column stands: item times floats of an item, and which of its floats.
    private static int place(int row, int column, int floats) {
        int item = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
        return item * floats + column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
    }

    @Test
    void registersAreMultipliedByRowsOfTwoTiles() {
        float[] a = matrix(5, 64, 16);
        float[] b = matrix(6, 64, 128); // its rows 16 to 31 are the factor
        var left = new IntArray(512);
        for (int item = 0; item < 128; item++) {
            left(a, item / 32 * 16, item % 32, left, item * 4);
        }
        var right = IntArray.fromArray(Tiles.pack(b, 64, 128));
        var d = new FloatArray(128 * 64);
        KernelRun.of(KernelRun.groups(1, 1, 1, 128)).in(left, right).out(d).run(graph -> graph.task(KernelRun.TASK,
                OperationKernels::productTurned, new KernelContext(), left, right, d));
        for (int row = 0; row < 64; row++) {
            for (int column = 0; column < 128; column++) {
                float wanted = 1;
                for (int k = 0; k < 16; k++) {
                    wanted += a[row * 16 + k] * b[(16 + k) * 128 + column];
                }
                assertEquals(wanted, d.get(place(row, column, 64)), row + ", " + column);
            }
        }
    }
}
