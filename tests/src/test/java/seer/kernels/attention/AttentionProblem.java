package seer.kernels.attention;

import java.util.Arrays;
import java.util.Random;
import seer.kernels.KernelRun;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Random attention of `rows` queries that follow `offset` earlier tokens, with block lists and a reference.
///
/// Buffers have allocated rows that are not in use, filled with NaN, and begin somewhere inside their array.
final class AttentionProblem {

    private static final int SPARE = 2;
    /// Elements between two lists.
    private static final int GAP = 2;
    /// Elements in front of each buffer: all different, so that mixing them up shows.
    private static final int Q_AT = 7;
    private static final int K_AT = 9;
    private static final int V_AT = 12;
    private static final int OUT_AT = 2;
    private static final int LSE_AT = 4;

    final int rows;
    final int offset;
    final int H;
    final int G;
    final int D;
    final int B;
    /// `[H, T, D]`, `[G, T, D]` of all `T = offset + rows` tokens.
    final float[] q;
    final float[] k;
    final float[] v;
    /// `[H, N, N]` of all blocks; some rows have none.
    final boolean[] keep;

    AttentionProblem(int rows, int offset, int H, int G, int D, int B) {
        this.rows = rows;
        this.offset = offset;
        this.H = H;
        this.G = G;
        this.D = D;
        this.B = B;
        int T = offset + rows;
        int N = (T + B - 1) / B;
        q = KernelRun.random(1, H * T * D, 3);
        k = KernelRun.random(2, G * T * D, 3);
        v = KernelRun.random(3, G * T * D, 1);
        keep = new boolean[H * N * N];
        var random = new Random(rows * 31L + B);
        for (int row = 0; row < H * N; row++) {
            for (int j = 0; j <= row % N && row % 5 != 4; j++) {
                keep[row * N + j] = random.nextInt(5) < 2 || j == row % N && random.nextBoolean();
            }
        }
    }

    /// Outputs `[rows, H * D]` and log-sum-exps `[H, rows]` of the queries in use.
    BlockSparseAttention.Result reference(boolean listed) {
        int T = offset + rows;
        var all = BlockSparseAttention.reference(q, k, v, listed ? keep : null, H, G, T, D, B);
        var lse = new double[H * rows];
        for (int h = 0; h < H; h++) {
            System.arraycopy(all.lse(), h * T + offset, lse, h * rows, rows);
        }
        return new BlockSparseAttention.Result(Arrays.copyOfRange(all.o(), offset * H * D, T * H * D), lse);
    }

    /// By every kernel that takes the size.
    void checkAll(boolean listed) {
        for (AttentionRung rung : AttentionRung.values()) {
            if (rung.anySize || D % 16 == 0 && D <= 128 && Integer.bitCount(B) == 1 && B >= 8 && B <= 128) {
                check(rung, listed);
            }
        }
    }

    void check(AttentionRung rung, boolean listed) {
        check(rung, listed, true);
    }

    /// @param summed whether log-sum-exps are asked for; if not, that buffer stays as it is
    void check(AttentionRung rung, boolean listed, boolean summed) {
        FloatArray qs = chunk(q, H, offset, rows, Q_AT);
        FloatArray ks = chunk(k, G, 0, offset + rows, K_AT);
        FloatArray vs = chunk(v, G, 0, offset + rows, V_AT);
        var out = new FloatArray(OUT_AT + rows * H * D);
        var lse = new FloatArray(LSE_AT + H * (rows + SPARE));
        IntArray start = starts();
        IntArray index = indices();
        var p = IntArray.fromElements(rows, offset, Q_AT, rows + SPARE, K_AT, V_AT, offset + rows + SPARE,
                OUT_AT, summed ? LSE_AT : -1, rows + SPARE, 3, (rows + B - 1) / B, 1, 3 + H * ((rows + B - 1) / B));
        var buffers = new AttentionRung.Buffers(qs, ks, vs, start, index, out, lse, p);
        KernelRun.of(rung.grid(this)).in(qs, ks, vs, start, index, p).out(out, lse)
                .run(graph -> rung.add(graph, buffers, this, listed ? 1 : 0));
        var wanted = reference(listed);
        String what = rung + " " + rows + " after " + offset + ", " + H + "/" + G + " heads of " + D + ", block " + B;
        KernelRun.assertClose("out of " + what, wanted.o(), out, OUT_AT, offset + rows);
        for (int h = 0; h < H; h++) {
            double[] sums = summed ? Arrays.copyOfRange(wanted.lse(), h * rows, h * rows + rows) : new double[rows];
            KernelRun.assertClose("lse of " + what, sums, lse, LSE_AT + h * (rows + SPARE), D);
        }
    }

    /// Tokens `from ... from + count` of each head of `x[heads, T, D]`, with spare rows after each head.
    private FloatArray chunk(float[] x, int heads, int from, int count, int before) {
        int T = offset + rows;
        var values = new float[heads * (count + SPARE) * D];
        Arrays.fill(values, Float.NaN);
        for (int h = 0; h < heads; h++) {
            System.arraycopy(x, (h * T + from) * D, values, h * (count + SPARE) * D, count * D);
        }
        return KernelRun.padded(values, before);
    }

    /// Three elements of padding, then where each list begins, then where each ends: two elements lie between them.
    IntArray starts() {
        int first = offset / B;
        int N = (offset + rows + B - 1) / B;
        int lists = H * (N - first);
        var start = new IntArray(3 + 2 * lists);
        int count = 0;
        int at = 3;
        for (int row = 0; row < H * N; row++) {
            if (row % N >= first) {
                start.set(at, count);
                count += kept(row);
                start.set(at + lists, count);
                count += GAP;
                at++;
            }
        }
        return start;
    }

    /// One element of padding, then the lists.
    IntArray indices() {
        int first = offset / B;
        int N = (offset + rows + B - 1) / B;
        var index = new IntArray(2 + H * N * (N + GAP));
        index.init(-1);
        int at = 1;
        for (int row = 0; row < H * N; row++) {
            for (int j = 0; row % N >= first && j < N; j++) {
                if (keep[row * N + j]) {
                    index.set(at++, j);
                }
            }
            at += row % N >= first ? GAP : 0;
        }
        return index;
    }

    private int kept(int row) {
        int N = (offset + rows + B - 1) / B;
        int count = 0;
        for (int j = 0; j < N; j++) {
            count += keep[row * N + j] ? 1 : 0;
        }
        return count;
    }
}
