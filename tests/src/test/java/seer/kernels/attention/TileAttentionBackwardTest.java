package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of attention on tensor cores against the reference, of operands that are rounded to bf16.
@Conformance
@OnTensorCores
class TileAttentionBackwardTest {

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 64, 64", "63, 2, 1, 64, 64", "130, 4, 2, 64, 64", "200, 2, 2, 64, 128", "70, 1, 1, 128, 64",
            "129, 2, 1, 128, 128"})
    void gradientsAreTheReference(int rows, int H, int G, int D, int B) {
        check(rows, H, G, D, B);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"600, 2, 1, 64, 64", "520, 1, 1, 128, 128"})
    void longPrompts(int rows, int H, int G, int D, int B) {
        check(rows, H, G, D, B);
    }

    static void check(int rows, int H, int G, int D, int B) {
        queries(rows, H, G, D, B);
        keys(rows, H, G, D, B);
    }

    static void queries(int rows, int H, int G, int D, int B) {
        new Backward(rows, H, G, D, B).queries();
    }

    /// Groups share the last rows; what they leave is added up.
    static void shared(int rows, int H, int G, int D, int B, int tiles, int parts, int least) {
        var backward = new Backward(rows, H, G, D, B);
        backward.shares = new TileAttentionProblem.Shares(tiles, parts, least);
        backward.queries();
    }

    @ParameterizedTest
    @CsvSource({"190, 2, 1, 64, 64, 2, 3, 1", "130, 1, 1, 128, 128, 2, 2, 1", "70, 2, 2, 64, 64, 1, 4, 2"})
    void groupsShareTheLastRows(int rows, int H, int G, int D, int B, int tiles, int parts, int least) {
        shared(rows, H, G, D, B, tiles, parts, least);
    }

    static void keys(int rows, int H, int G, int D, int B) {
        new Backward(rows, H, G, D, B).keys(2);
    }

    /// One gradient: heads with a tile of rows that is not in use, NaN where nobody may read, and a large number where
    /// what is read has to weigh nothing.
    private static final class Backward {
        private static final double TOLERANCE = 1.2e-2;
        private static final float BEYOND = 50;
        private static final int Q_AT = 20; // not what any number of tiles here is
        private static final int LSE_AT = 10;
        private static final int DELTA_AT = 3;
        private static final int ROOM_AT = 7;

        private final AttentionProblem problem;
        private final int tiles;
        private final BlockSparseAttentionBackward.Slopes wanted;
        private final double[] deltas;
        private final IntArray q;
        private final IntArray k;
        private final IntArray v;
        private final IntArray out;
        private final IntArray dO;
        private final FloatArray lse;
        private final FloatArray delta;
        private final IntArray dq;
        private TileAttentionProblem.Shares shares = TileAttentionProblem.Shares.NONE;

        Backward(int rows, int H, int G, int D, int B) {
            problem = new AttentionProblem(rows, 0, H, G, D, B);
            tiles = Tiles.along(rows) + 1;
            Bf16.round(problem.q);
            Bf16.round(problem.k);
            Bf16.round(problem.v);
            float[] slope = Bf16.round(KernelRun.random(9, rows * H * D, 1));
            wanted = BlockSparseAttentionBackward.reference(problem.q, problem.k, problem.v, slope, problem.keep, H, G,
                    rows, D, B);
            var forward = BlockSparseAttention.reference(problem.q, problem.k, problem.v, problem.keep, H, G, rows, D,
                    B);
            float[] o = Bf16.round(floats(forward.o()));
            deltas = new double[H * rows];
            for (int i = 0; i < rows * H * D; i++) {
                deltas[i / D % H * rows + i / D / H] += slope[i] * o[i];
            }
            q = Bf16.tiles(problem.q, H, rows, D, tiles, BEYOND, Q_AT);
            k = Bf16.tiles(problem.k, G, rows, D, tiles, BEYOND, 8);
            v = Bf16.tiles(problem.v, G, rows, D, tiles, BEYOND, 12);
            out = Bf16.tiles(o, 1, rows, H * D, tiles, BEYOND, 3);
            dO = Bf16.tiles(slope, 1, rows, H * D, tiles, BEYOND, 16);
            var sums = new float[H * (rows + 1)];
            Arrays.fill(sums, Float.NaN);
            for (int h = 0; h < H; h++) {
                System.arraycopy(floats(forward.lse()), h * rows, sums, h * (rows + 1), rows);
            }
            lse = KernelRun.padded(sums, LSE_AT);
            delta = KernelRun.padded(floats(deltas), DELTA_AT);
            dq = Bf16.empty(H * tiles * Tiles.ROW * D, 5);
        }

        private static float[] floats(double[] values) {
            var result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                result[i] = (float) values[i];
            }
            return result;
        }

        private IntArray places(int start, int lists, int index) {
            return KernelRun.places(BlockSparseAttentionBackward.P_ROWS, problem.rows,
                    BlockSparseAttentionBackward.P_Q, Q_AT, BlockSparseAttentionBackward.P_Q_STRIDE, tiles,
                    BlockSparseAttentionBackward.P_K, 8, BlockSparseAttentionBackward.P_V, 12,
                    BlockSparseAttentionBackward.P_KV_STRIDE, tiles, BlockSparseAttentionBackward.P_OUT, 3,
                    BlockSparseAttentionBackward.P_SLOPE, 16, BlockSparseAttentionBackward.P_LSE, LSE_AT,
                    BlockSparseAttentionBackward.P_LSE_STRIDE, problem.rows + 1,
                    BlockSparseAttentionBackward.P_DELTA, DELTA_AT, BlockSparseAttentionBackward.P_DQ, 5,
                    BlockSparseAttentionBackward.P_DQ_STRIDE, tiles, BlockSparseAttentionBackward.P_SUMS, 6,
                    BlockSparseAttentionBackward.P_PARTS, start, BlockSparseAttentionBackward.P_START, start,
                    BlockSparseAttentionBackward.P_END, start + lists, BlockSparseAttentionBackward.P_INDEX, index,
                    LongRows.P_SHARED, shares.tiles(), LongRows.P_PARTS, shares.parts(), LongRows.P_LEAST,
                    shares.least(), LongRows.P_ROOM, ROOM_AT);
        }

        private int blocks() {
            return (problem.rows + problem.B - 1) / problem.B;
        }

        void queries() {
            IntArray start = problem.starts();
            IntArray index = problem.indices();
            IntArray p = places(3, problem.H * blocks(), 1);
            delta.init(Float.NaN);
            FloatArray room = KernelRun.padded(new float[problem.H * shares.tiles() * shares.parts()
                    * LongRows.size(problem.D)], ROOM_AT);
            room.init(Float.NaN);
            KernelRun.of(KernelRun.groups(LongRows.groups(Tiles.along(problem.rows), problem.H, shares.tiles(),
                            shares.parts()), 1, 1, BlockSparseAttentionBackwardMma.ITEMS))
                    .in(q, k, v, out, dO, lse, start, index, p)
                    .out(delta, dq, room).run(graph -> graph.task(KernelRun.TASK,
                            BlockSparseAttentionBackwardMma::queries, new KernelContext(), q, k, v, out, dO, lse, delta,
                            dq, room, start, index, p, problem.H, problem.G, problem.D, problem.B));
            if (shares.tiles() > 0) {
                KernelRun.of(KernelRun.items(problem.H * shares.tiles() * Tiles.EDGE * problem.D / 2, 64))
                        .in(room, start, index, p).out(dq).run(graph -> graph.task(KernelRun.TASK, LongRows::add,
                                new KernelContext(), room, start, index, dq, p, problem.H, problem.D, problem.B));
            }
            KernelRun.assertClose("delta of " + this, deltas, delta, DELTA_AT, 4 * problem.D);
            compare("dq", wanted.dq(), dq, 5, problem.H);
        }

        /// @param length rows of a part of a list
        void keys(int length) {
            int columns = problem.G * blocks();
            int[] lists = TransposedLists.reference(problem.keep, problem.H, problem.G, blocks());
            var cut = new ColumnParts(lists, columns, length);
            IntArray parts = cut.partsAt(4);
            var index = new IntArray(2 + lists.length);
            for (int i = columns + 1; i < lists.length; i++) {
                index.set(2 + i - columns - 1, lists[i]);
            }
            IntArray p = places(4, 0, 2);
            var sums = KernelRun.padded(new float[cut.most() * KeySlopes.size(problem.D, problem.B)], 6);
            sums.init(Float.NaN);
            KernelRun.of(KernelRun.groups(cut.most() * (problem.B / Tiles.EDGE), 1, 1,
                            BlockSparseAttentionBackwardMma.ITEMS)).in(q, k, v, dO, lse, delta, parts, index, p)
                    .out(sums).run(graph -> graph.task(KernelRun.TASK, BlockSparseAttentionBackwardMma::keys,
                            new KernelContext(), q, k, v, dO, lse, delta, sums, parts, index, p, problem.H, problem.G,
                            problem.D, problem.B));
            double[] slopes = KeySlopes.reference(Arrays.copyOfRange(sums.toHeapArray(), 6, sums.getSize()),
                    cut.firsts(), problem.G, problem.rows, problem.D, problem.B);
            int half = slopes.length / 2;
            compare("dk", wanted.dk(), Arrays.copyOfRange(slopes, 0, half));
            compare("dv", wanted.dv(), Arrays.copyOfRange(slopes, half, 2 * half));
        }

        private void compare(String what, double[] expected, double[] got) {
            double off = 0;
            double size = 0;
            double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
            for (int i = 0; i < expected.length; i++) {
                off += (got[i] - expected[i]) * (got[i] - expected[i]);
                size += expected[i] * expected[i];
                assertTrue(Math.abs(got[i] - expected[i]) <= 4 * TOLERANCE * largest,
                        what + " of " + this + " [" + i + "] is " + got[i] + ", not " + expected[i]);
            }
            assertTrue(Math.sqrt(off) <= TOLERANCE * Math.sqrt(size) + 1e-9,
                    what + " of " + this + ": relative L2 " + Math.sqrt(off / size));
        }

        /// As a whole, and each number; what is behind the text is zero, what is not in use untouched, where outputs
        /// are copied in.
        private void compare(String what, double[] expected, IntArray got, int at, int heads) {
            int rows = problem.rows;
            int D = problem.D;
            int ints = tiles * Tiles.ROW * D;
            double off = 0;
            double size = 0;
            double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
            for (int h = 0; h < heads; h++) {
                int begin = at + h * ints;
                float[] x = Tiles.unpack(Arrays.copyOfRange(got.toHeapArray(), begin, begin + ints),
                        tiles * Tiles.EDGE, D);
                for (int i = 0; i < rows * D; i++) {
                    double want = expected[h * rows * D + i];
                    off += (x[i] - want) * (x[i] - want);
                    size += want * want;
                    assertTrue(Math.abs(x[i] - want) <= 4 * TOLERANCE * largest,
                            what + " of " + this + " [" + h + ", " + i + "] is " + x[i] + ", not " + want);
                }
                for (int i = rows * D; i < Tiles.along(rows) * Tiles.EDGE * D; i++) {
                    assertEquals(0, x[i], what + " of " + this + " behind the text [" + i + "]");
                }
                for (int i = Tiles.along(rows) * Tiles.EDGE * D; i < x.length; i++) {
                    assertTrue(Float.isNaN(x[i]), what + " of " + this + " where nothing is in use [" + i + "]");
                }
            }
            Bf16.assertUntouched(what, got, at, heads * ints);
            assertTrue(Math.sqrt(off) <= TOLERANCE * Math.sqrt(size) + 1e-9,
                    what + " of " + this + ": relative L2 " + Math.sqrt(off / size));
        }

        @Override
        public String toString() {
            return problem.rows + " tokens, " + problem.H + "/" + problem.G + " heads of " + problem.D + ", block "
                    + problem.B;
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 1, 64, 64", "130, 2, 64, 128", "70, 2, 128, 64"})
    void sumsOfPartsAreAddedUp(int rows, int G, int D, int B) {
        var cut = ColumnParts.drawn(G * ((rows + B - 1) / B));
        float[] sums = KernelRun.random(3, cut.most() * KeySlopes.size(D, B), 1);
        double[] wanted = KeySlopes.reference(sums, cut.firsts(), G, rows, D, B);
        FloatArray in = KernelRun.padded(sums, 4);
        IntArray firsts = cut.firstsAt(3);
        int tiles = Tiles.along(rows);
        int head = (tiles + 1) * Tiles.ROW * D;
        int headV = (tiles + 2) * Tiles.ROW * D;
        IntArray dk = Bf16.empty(G * head, 6);
        IntArray dv = Bf16.empty(G * headV, 8);
        var p = KernelRun.places(KeySlopes.P_ROWS, rows, KeySlopes.P_SUMS, 4, KeySlopes.P_FIRSTS, 3, KeySlopes.P_DK, 6,
                KeySlopes.P_DV, 8, KeySlopes.P_DK_STRIDE, tiles + 1, KeySlopes.P_DV_STRIDE, tiles + 2);
        KernelRun.of(KernelRun.items(G * tiles * Tiles.ROW * D, 64)).in(in, firsts, p).out(dk, dv).run(graph ->
                graph.task(KernelRun.TASK, KeySlopes::tiles, new KernelContext(), in, firsts, dk, dv, p, G, D, B));
        for (int g = 0; g < G; g++) {
            Bf16.assertRounded("dk", wanted, g * rows * D, D, dk, 6 + g * head, tiles + 1, 0, rows, D, 1e-5);
            Bf16.assertRounded("dv", wanted, (G + g) * rows * D, D, dv, 8 + g * headV, tiles + 2, 0, rows, D, 1e-5);
            Bf16.assertRounded("dk behind", new double[tiles * Tiles.EDGE * D], 0, D, dk, 6 + g * head, tiles + 1, rows,
                    tiles * Tiles.EDGE - rows, D, 0);
        }
        Bf16.assertUntouched("dk", dk, 6, G * head);
        Bf16.assertUntouched("dv", dv, 8, G * headV);
    }
}
