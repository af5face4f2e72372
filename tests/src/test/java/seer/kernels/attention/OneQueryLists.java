package seer.kernels.attention;

import java.util.Random;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Random block lists of one query, with elements between them that belong to none: the last of several is empty, the
/// others keep the query's own block or not.
public final class OneQueryLists {
    /// Elements in front of the beginnings, and in front of the lists.
    public static final int START_AT = 3;
    public static final int INDEX_AT = 2;
    private static final int GAP = 2;

    public final IntArray start;
    public final IntArray index;
    /// `[H, N, N]`, of which the last row of each head counts.
    final boolean[] keep;
    private final int lists;

    /// @param lists how many there are, which the heads share; 0: every key is seen
    public OneQueryLists(int position, int H, int B, int lists) {
        this.lists = lists;
        int N = position / B + 1;
        var random = new Random(position * 31L + B);
        start = new IntArray(START_AT + 2 * lists + GAP);
        index = new IntArray(INDEX_AT + lists * (N + GAP) + 1);
        index.init(-1);
        keep = new boolean[H * N * N];
        int count = 0;
        for (int list = 0; list < lists; list++) {
            start.set(START_AT + list, count);
            for (int j = 0; j < N && (lists == 1 || list < lists - 1); j++) {
                if (random.nextInt(5) < 2 || j == N - 1 && (list == 0 || random.nextBoolean())) {
                    index.set(INDEX_AT + count++, j);
                    for (int h = list * (H / lists); h < (list + 1) * (H / lists); h++) {
                        keep[(h * N + N - 1) * N + j] = true;
                    }
                }
            }
            start.set(endAt() + list, count);
            count += GAP;
        }
    }

    /// Where the ends stand.
    public int endAt() {
        return START_AT + lists + 1;
    }

    /// Outputs `[H * D]` of queries `[H, D]`.
    public double[] reference(float[] q, float[] k, float[] v, int H, int G, int T, int D, int B) {
        if (lists == 0) {
            return OneQueryAttention.reference(q, k, v, H, G, T, D);
        }
        var all = new float[H * T * D];
        for (int h = 0; h < H; h++) {
            System.arraycopy(q, h * D, all, (h * T + T - 1) * D, D);
        }
        double[] o = BlockSparseAttention.reference(all, k, v, keep, H, G, T, D, B).o();
        return java.util.Arrays.copyOfRange(o, (T - 1) * H * D, T * H * D);
    }
}
