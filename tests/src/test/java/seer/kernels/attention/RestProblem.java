package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The queries and lists of an [AttentionProblem], and what the lists leave out.
///
/// The kernels get attention to the listed blocks from the reference. Means beyond those of blocks before the last
/// row's are NaN, in tiles a large finite number.
final class RestProblem {
    private static final int Q_AT = 8;
    private static final int K_AT = 4;
    private static final int V_AT = 20;
    private static final int OUT_AT = 5;
    private static final int LSE_AT = 3;
    private static final int SPARE = 2;
    private static final float BEYOND = 1e4f;
    private static final double TOLERANCE = 8e-3;

    private final AttentionProblem plain;
    /// Blocks before the last row's, and room for so many.
    private final int blocks;
    private final int room;

    RestProblem(int rows, int offset, int H, int G, int D, int B) {
        this(new AttentionProblem(rows, offset, H, G, D, B));
    }

    RestProblem(AttentionProblem plain) {
        this.plain = plain;
        blocks = (plain.offset + plain.rows - 1) / plain.B;
        room = blocks + SPARE;
    }

    private double[] wanted() {
        int width = plain.H * plain.D;
        double[] all = RestAttention.reference(plain.q, plain.k, plain.v, plain.keep, plain.H, plain.G,
                plain.offset + plain.rows, plain.D, plain.B);
        return Arrays.copyOfRange(all, plain.offset * width, all.length);
    }

    /// Of the keys or values, `[G, room, D]`.
    private float[] means(float[] x) {
        int T = plain.offset + plain.rows;
        double[] whole = TileMeans.reference(x, plain.G, T, plain.D, plain.B);
        int N = T / plain.B;
        var means = new float[plain.G * room * plain.D];
        Arrays.fill(means, Float.NaN);
        for (int g = 0; g < plain.G; g++) {
            for (int i = 0; i < blocks * plain.D; i++) {
                means[g * room * plain.D + i] = (float) whole[g * N * plain.D + i];
            }
        }
        return means;
    }

    private float[] queries(int spare) {
        int T = plain.offset + plain.rows;
        int stride = plain.rows + spare;
        var queries = new float[plain.H * stride * plain.D];
        Arrays.fill(queries, Float.NaN);
        for (int h = 0; h < plain.H; h++) {
            System.arraycopy(plain.q, (h * T + plain.offset) * plain.D, queries, h * stride * plain.D,
                    plain.rows * plain.D);
        }
        return queries;
    }

    private FloatArray sums(BlockSparseAttention.Result listed) {
        int stride = plain.rows + SPARE;
        var sums = new float[plain.H * stride];
        Arrays.fill(sums, Float.NaN);
        for (int h = 0; h < plain.H; h++) {
            for (int t = 0; t < plain.rows; t++) {
                sums[h * stride + t] = (float) listed.lse()[h * plain.rows + t];
            }
        }
        return KernelRun.padded(sums, LSE_AT);
    }

    private static float[] floats(double[] x) {
        var values = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            values[i] = (float) x[i];
        }
        return values;
    }

    private IntArray places(int queryStride, int meanStride) {
        int lists = (plain.rows + plain.B - 1) / plain.B;
        return IntArray.fromElements(plain.rows, plain.offset, Q_AT, queryStride, K_AT, V_AT, meanStride, OUT_AT,
                LSE_AT, plain.rows + SPARE, 3, lists, 1, 3 + plain.H * lists);
    }

    void checkFloats() {
        var listed = plain.reference(true);
        FloatArray q = KernelRun.padded(queries(SPARE), Q_AT);
        FloatArray k = KernelRun.padded(means(plain.k), K_AT);
        FloatArray v = KernelRun.padded(means(plain.v), V_AT);
        FloatArray out = KernelRun.padded(floats(listed.o()), OUT_AT);
        FloatArray lse = sums(listed);
        IntArray start = plain.starts();
        IntArray index = plain.indices();
        IntArray p = places(plain.rows + SPARE, room);
        KernelRun.of(KernelRun.groups(RestAttention.groups(plain.rows, plain.B), plain.H, 1,
                RestAttention.rowsOfGroup(plain.B))).in(q, k, v, start, index, lse, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, RestAttention::joined, new KernelContext(), q, k, v, start,
                        index, out, lse, p, plain.H, plain.G, plain.D, plain.B));
        KernelRun.assertClose("joined " + this, wanted(), out, OUT_AT, plain.offset + plain.rows);
    }

    void checkTiles() {
        for (float[] x : new float[][] {plain.q, plain.k, plain.v}) {
            System.arraycopy(Bf16.round(x), 0, x, 0, x.length);
        }
        var listed = plain.reference(true);
        int width = plain.H * plain.D;
        int queryTiles = Tiles.along(plain.rows) + 1;
        int meanTiles = Tiles.along(room);
        IntArray q = Bf16.tiles(queries(0), plain.H, plain.rows, plain.D, queryTiles, Float.NaN, Q_AT);
        IntArray k = tiles(means(plain.k), meanTiles, K_AT);
        IntArray v = tiles(means(plain.v), meanTiles, V_AT);
        IntArray out = Bf16.tiles(floats(listed.o()), 1, plain.rows, width, Tiles.along(plain.rows), Float.NaN, OUT_AT);
        FloatArray lse = sums(listed);
        IntArray start = plain.starts();
        IntArray index = plain.indices();
        IntArray p = places(queryTiles, meanTiles);
        KernelRun.of(KernelRun.groups(Tiles.along(plain.rows), plain.H, 1, RestAttentionMma.ITEMS))
                .in(q, k, v, start, index, lse, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, RestAttentionMma::joined, new KernelContext(), q, k, v, start,
                        index, out, lse, p, plain.H, plain.G, plain.D, plain.B));
        compare(wanted(), Tiles.unpack(Arrays.copyOfRange(out.toHeapArray(), OUT_AT, OUT_AT
                + Tiles.along(plain.rows) * Tiles.ROW * width), plain.rows, width));
    }

    private IntArray tiles(float[] means, int tiles, int before) {
        for (int i = 0; i < means.length; i++) {
            means[i] = Float.isNaN(means[i]) ? BEYOND : means[i];
        }
        return Bf16.tiles(means, plain.G, room, plain.D, tiles, BEYOND, before);
    }

    private void compare(double[] wanted, float[] got) {
        double off = 0;
        double size = 0;
        for (int i = 0; i < wanted.length; i++) {
            double difference = got[i] - wanted[i];
            off += difference * difference;
            size += wanted[i] * wanted[i];
            assertTrue(Math.abs(difference) <= 4 * TOLERANCE * (1 + Math.abs(wanted[i])),
                    this + " [" + i + "] is " + got[i] + ", not " + wanted[i]);
        }
        assertTrue(Math.sqrt(off) <= TOLERANCE * Math.sqrt(size), this + ": relative L2 " + Math.sqrt(off / size));
    }

    @Override
    public String toString() {
        return plain.rows + " after " + plain.offset + ", " + plain.H + "/" + plain.G + " heads of " + plain.D
                + ", block " + plain.B;
    }
}
