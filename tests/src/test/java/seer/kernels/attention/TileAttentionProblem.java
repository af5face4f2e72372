package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// An [AttentionProblem] in tiles of bf16, for the kernels of tensor cores.
///
/// What is allocated beyond the rows in use is NaN for queries and everything between buffers, and a large finite
/// number for keys and values, as those kernels ask for.
final class TileAttentionProblem {

    private static final int NAN = 0x7FC07FC0;
    private static final float BEYOND = 1e4f;
    /// Ints in front of each buffer: all different.
    private static final int Q_AT = 8;
    private static final int K_AT = 4;
    private static final int V_AT = 20;
    private static final int OUT_AT = 5;
    private static final int LSE_AT = 3;
    private static final int SPARE = 2;
    private static final int ROOM_AT = 6;
    private static final double TOLERANCE = 6e-3;

    /// How the last rows are shared out: tiles of them, parts, tiles of keys of a part.
    record Shares(int tiles, int parts, int least) {
        static final Shares NONE = new Shares(0, 1, 1);
    }

    private final AttentionProblem plain;
    /// Tiles of rows that a head of queries has room for, and one of keys.
    private final int queryTiles;
    private final int keyTiles;

    TileAttentionProblem(int rows, int offset, int H, int G, int D, int B) {
        this(new AttentionProblem(rows, offset, H, G, D, B));
    }

    TileAttentionProblem(AttentionProblem plain) {
        this.plain = plain;
        queryTiles = (plain.rows + 127) / 128 * 2 + 1;
        keyTiles = (plain.offset + plain.rows + 127) / 128 * 2;
        round(plain.q);
        round(plain.k);
        round(plain.v);
    }

    private static void round(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.intBitsToFloat(Tiles.round(x[i]) << 16);
        }
    }

    /// `dense` and `listed` of both rungs.
    void checkAll() {
        for (String rung : new String[] {"wgmma", "mma"}) {
            check(rung, false, true);
            check(rung, true, true);
        }
    }

    /// @param summed whether log-sum-exps are asked for; if not, that buffer stays as it is
    void check(String rung, boolean listed, boolean summed) {
        check(rung, listed, summed, Shares.NONE);
    }

    /// Lists, of which groups share the last; and then what they leave is joined.
    void checkShared(String rung, boolean summed, Shares shares) {
        check(rung, true, summed, shares);
    }

    private void check(String rung, boolean listed, boolean summed, Shares shares) {
        int rows = plain.rows;
        int H = plain.H;
        int D = plain.D;
        IntArray q = tiles(plain.q, H, plain.offset, rows, queryTiles, Float.NaN, Q_AT);
        IntArray k = tiles(plain.k, plain.G, 0, plain.offset + rows, keyTiles, BEYOND, K_AT);
        IntArray v = tiles(plain.v, plain.G, 0, plain.offset + rows, keyTiles, BEYOND, V_AT);
        var out = new IntArray(OUT_AT + (queryTiles - 1) * H * Tiles.ROW * D + 3);
        out.init(NAN);
        var lse = new FloatArray(LSE_AT + H * (rows + SPARE));
        IntArray start = plain.starts();
        IntArray index = plain.indices();
        int blocks = (rows + plain.B - 1) / plain.B;
        var p = IntArray.fromElements(rows, plain.offset, Q_AT, queryTiles, K_AT, V_AT, keyTiles, OUT_AT,
                summed ? LSE_AT : -1, rows + SPARE, 3, blocks, 1, 3 + H * blocks, 0, 0, 0, 0, 0, 0, shares.tiles(),
                shares.parts(), shares.least(), ROOM_AT);
        FloatArray room = KernelRun.padded(new float[H * shares.tiles() * shares.parts() * LongRows.size(D)], ROOM_AT);
        room.init(Float.NaN);
        int items = rung.equals("mma")
                ? listed ? BlockSparseAttentionMma.LISTED_ITEMS : BlockSparseAttentionMma.DENSE_ITEMS
                : listed ? BlockSparseAttentionWgmma.LISTED_ITEMS : BlockSparseAttentionWgmma.DENSE_ITEMS;
        KernelRun.of(listed ? KernelRun.groups(LongRows.groups(Tiles.along(rows), H, shares.tiles(), shares.parts()),
                        1, 1, items) : KernelRun.groups((rows + 127) / 128, H, 1, items))
                .in(q, k, v, start, index, p).out(out, lse, room).run(graph -> task(graph,
                        rung + (listed ? " listed" : " dense"), q, k, v, start, index, out, lse, room, p));
        if (shares.tiles() > 0) {
            KernelRun.of(KernelRun.items(H * shares.tiles() * Tiles.EDGE * D / 2, 64)).in(room, start, index, p)
                    .out(out, lse).run(graph -> graph.task(KernelRun.TASK, LongRows::join, new KernelContext(), room,
                            start, index, out, lse, p, H, D, plain.B));
        }
        compare(rung + (listed ? " listed " : " dense ") + rows + " after " + plain.offset + ", " + H + "/" + plain.G
                + " heads of " + D + ", block " + plain.B, plain.reference(listed), out, lse, summed);
    }

    private TaskGraph task(TaskGraph graph, String kernel, IntArray q, IntArray k, IntArray v, IntArray start,
                           IntArray index, IntArray out, FloatArray lse, FloatArray room, IntArray p) {
        var context = new KernelContext();
        int H = plain.H;
        int G = plain.G;
        int D = plain.D;
        int B = plain.B;
        return switch (kernel) {
            case "wgmma dense" -> graph.task(KernelRun.TASK, BlockSparseAttentionWgmma::dense, context, q, k, v, out,
                    lse, p, H, G, D);
            case "wgmma listed" -> graph.task(KernelRun.TASK, BlockSparseAttentionWgmma::listed, context, q, k, v,
                    start, index, out, lse, room, p, H, G, D, B);
            case "mma dense" -> graph.task(KernelRun.TASK, BlockSparseAttentionMma::dense, context, q, k, v, out,
                    lse, p, H, G, D);
            default -> graph.task(KernelRun.TASK, BlockSparseAttentionMma::listed, context, q, k, v, start, index,
                    out, lse, room, p, H, G, D, B);
        };
    }

    /// Tokens `from ... from + count` of each head, in tiles.
    private IntArray tiles(float[] x, int heads, int from, int count, int tiles, float beyond, int before) {
        int D = plain.D;
        int T = plain.offset + plain.rows;
        int head = tiles * Tiles.ROW * D;
        var array = new IntArray(before + heads * head + 5);
        array.init(NAN);
        for (int h = 0; h < heads; h++) {
            var values = new float[tiles * Tiles.EDGE * D];
            Arrays.fill(values, beyond);
            System.arraycopy(x, (h * T + from) * D, values, 0, count * D);
            int[] packed = Tiles.pack(values, tiles * Tiles.EDGE, D);
            for (int i = 0; i < head; i++) {
                array.set(before + h * head + i, packed[i]);
            }
        }
        return array;
    }

    private void compare(String what, BlockSparseAttention.Result wanted, IntArray out, FloatArray lse,
                         boolean summed) {
        int rows = plain.rows;
        int width = plain.H * plain.D;
        int tileRows = (queryTiles - 1) * Tiles.EDGE;
        int[] packed = Arrays.copyOfRange(out.toHeapArray(), OUT_AT, OUT_AT + tileRows * width / 2);
        float[] got = Tiles.unpack(packed, tileRows, width);
        double off = 0;
        double size = 0;
        for (int i = 0; i < rows * width; i++) {
            double difference = got[i] - wanted.o()[i];
            off += difference * difference;
            size += wanted.o()[i] * wanted.o()[i];
            assertTrue(Math.abs(difference) <= 4 * TOLERANCE * (1 + Math.abs(wanted.o()[i])),
                    what + " [" + i + "] is " + got[i] + ", not " + wanted.o()[i]);
        }
        assertTrue(Math.sqrt(off) <= TOLERANCE * Math.sqrt(size), what + ": relative L2 " + Math.sqrt(off / size));
        for (int i = 0; i < OUT_AT; i++) {
            assertEquals(NAN, out.get(i), what + ": in front of the output");
        }
        for (int h = 0; h < plain.H; h++) {
            double[] sums = summed ? Arrays.copyOfRange(wanted.lse(), h * rows, h * rows + rows) : new double[rows];
            KernelRun.assertClose("lse of " + what, sums, lse, LSE_AT + h * (rows + SPARE), plain.D * plain.D);
        }
    }
}
