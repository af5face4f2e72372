package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Random attention of `rows` queries that follow `offset` earlier tokens, and random numbers where attention to chosen
/// blocks would stand.
///
/// Rows that are not in use are NaN, in tiles of keys and values a large finite number.
final class DeltaProblem {
    private static final int Q_AT = 8;
    private static final int K_AT = 4;
    private static final int V_AT = 20;
    private static final int OUT_AT = 5;
    private static final int SCRATCH_AT = 3;
    private static final int SPARE = 2;
    private static final float BEYOND = 1e4f;
    private static final double TOLERANCE = 8e-3;

    private final AttentionProblem plain;
    private final int spacing;
    /// `[rows, H * D]`
    private final float[] sparse;

    DeltaProblem(int rows, int offset, int H, int G, int D, int spacing) {
        plain = new AttentionProblem(rows, offset, H, G, D, 64);
        this.spacing = spacing;
        sparse = KernelRun.random(4, rows * H * D, 1);
    }

    private double[] wanted() {
        var before = new double[sparse.length];
        Arrays.setAll(before, i -> sparse[i]);
        return DeltaRows.reference(before, plain.reference(false).o(), plain.H, plain.rows, plain.D, spacing);
    }

    /// Rows `from ... from + count` of each of `heads`, with spare rows behind them.
    private float[] rows(float[] x, int heads, int from, int count, int spare) {
        int T = plain.offset + plain.rows;
        int D = plain.D;
        var values = new float[heads * (count + spare) * D];
        Arrays.fill(values, Float.NaN);
        for (int h = 0; h < heads; h++) {
            System.arraycopy(x, (h * T + from) * D, values, h * (count + spare) * D, count * D);
        }
        return values;
    }

    private IntArray places(int splits, int queryStride, int keyStride, int unit) {
        int span = (plain.offset + plain.rows + splits - 1) / splits;
        return KernelRun.places(DeltaRows.P_ROWS, plain.rows, DeltaRows.P_OFFSET, plain.offset, DeltaRows.P_SPACING,
                spacing, DeltaRows.P_Q, Q_AT, DeltaRows.P_Q_STRIDE, queryStride, DeltaRows.P_K, K_AT, DeltaRows.P_V,
                V_AT, DeltaRows.P_KV_STRIDE, keyStride, DeltaRows.P_OUT, OUT_AT, DeltaRows.P_SCRATCH, SCRATCH_AT,
                DeltaRows.P_SPLITS, splits, DeltaRows.P_SPAN, (span + unit - 1) / unit * unit);
    }

    private int dense() {
        return (plain.rows + spacing - 1) / spacing;
    }

    private FloatArray scratch(int splits) {
        var scratch = new FloatArray(SCRATCH_AT + plain.H * splits * dense() * (plain.D + 2));
        scratch.init(Float.NaN);
        return scratch;
    }

    void checkFloats(int splits) {
        int T = plain.offset + plain.rows;
        FloatArray q = KernelRun.padded(rows(plain.q, plain.H, plain.offset, plain.rows, SPARE), Q_AT);
        FloatArray k = KernelRun.padded(rows(plain.k, plain.G, 0, T, SPARE), K_AT);
        FloatArray v = KernelRun.padded(rows(plain.v, plain.G, 0, T, SPARE), V_AT);
        FloatArray out = KernelRun.padded(sparse, OUT_AT);
        FloatArray scratch = scratch(splits);
        IntArray p = places(splits, plain.rows + SPARE, T + SPARE, 1);
        KernelRun.of(KernelRun.groups((dense() + DeltaRows.ITEMS - 1) / DeltaRows.ITEMS, plain.H * splits, 1,
                DeltaRows.ITEMS)).in(q, k, v, p).out(scratch)
                .run(graph -> graph.task(KernelRun.TASK, DeltaRows::part, new KernelContext(), q, k, v, scratch, p,
                        plain.H, plain.G, plain.D));
        KernelRun.of(KernelRun.items(dense() * plain.H * plain.D, 64)).in(scratch, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, DeltaRows::spread, new KernelContext(), scratch, out, p,
                        plain.H, plain.D));
        KernelRun.assertClose(this + " in " + splits, wanted(), out, OUT_AT, T);
    }

    void checkTiles(int splits) {
        for (float[] x : new float[][] {plain.q, plain.k, plain.v, sparse}) {
            Bf16.round(x);
        }
        int T = plain.offset + plain.rows;
        int width = plain.H * plain.D;
        int tiles = Tiles.along(plain.rows);
        int keyTiles = Tiles.along(T) + 1;
        IntArray q = Bf16.tiles(rows(plain.q, plain.H, plain.offset, plain.rows, 0), plain.H, plain.rows, plain.D,
                tiles + 1, Float.NaN, Q_AT);
        IntArray k = Bf16.tiles(plain.k, plain.G, T, plain.D, keyTiles, BEYOND, K_AT);
        IntArray v = Bf16.tiles(plain.v, plain.G, T, plain.D, keyTiles, BEYOND, V_AT);
        IntArray out = Bf16.tiles(sparse, 1, plain.rows, width, tiles, Float.NaN, OUT_AT);
        FloatArray scratch = scratch(splits);
        IntArray p = places(splits, tiles + 1, keyTiles, Tiles.EDGE);
        KernelRun.of(KernelRun.groups((dense() + TileDeltaRows.ROWS - 1) / TileDeltaRows.ROWS, plain.H * splits, 1,
                TileDeltaRows.ITEMS)).in(q, k, v, p).out(scratch)
                .run(graph -> graph.task(KernelRun.TASK, TileDeltaRows::part, new KernelContext(), q, k, v, scratch, p,
                        plain.H, plain.G, plain.D));
        KernelRun.of(KernelRun.items(dense() * width / 2, 64)).in(scratch, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, TileDeltaRows::spread, new KernelContext(), scratch, out, p,
                        plain.H, plain.D));
        double[] wanted = wanted();
        float[] got = Tiles.unpack(Arrays.copyOfRange(out.toHeapArray(), OUT_AT, OUT_AT + tiles * Tiles.ROW * width),
                plain.rows, width);
        for (int i = 0; i < wanted.length; i++) {
            assertTrue(Math.abs(got[i] - wanted[i]) <= TOLERANCE * (1 + Math.abs(wanted[i])),
                    this + " in " + splits + " [" + i + "] is " + got[i] + ", not " + wanted[i]);
        }
    }

    @Override
    public String toString() {
        return plain.rows + " after " + plain.offset + ", " + plain.H + "/" + plain.G + " heads of " + plain.D
                + ", every " + spacing;
    }
}
