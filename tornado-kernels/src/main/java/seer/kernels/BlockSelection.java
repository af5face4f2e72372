package seer.kernels;

/// From scores to kept blocks.
///
/// ## Shapes
/// | buffer  | shape       | type | direction | note                                                   |
/// |---------|-------------|------|-----------|--------------------------------------------------------|
/// | `score` | `[H, N, N]` | f32  | in        | raw for top blocks, probabilities for a threshold      |
/// | `keep`  | `[H, N, N]` | bool | out       | causal; the diagonal always                            |
///
/// ## Formula
///   top: the min(k, i + 1) largest of row i, ties to the lower index; threshold: score > t, strictly.
///   Then the diagonal, all causal blocks of the last `denseLastRows` rows, and block 0 if asked for.
/// ## Cost
///   reads the scores once.
/// ## Versions
///   `top`, `above` plain loops
public final class BlockSelection {
    private BlockSelection() {
    }

    /// The oracle of top blocks: a block is kept if fewer than `k` causal blocks of its row come before it.
    public static boolean[] top(float[] score, int H, int N, int k, int denseLastRows, boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                int before = 0;
                for (int other = 0; other <= i; other++) {
                    float difference = score[row * N + other] - score[row * N + j];
                    before += difference > 0 || difference == 0 && other < j ? 1 : 0;
                }
                keep[row * N + j] = before < k || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    /// The oracle of the threshold.
    public static boolean[] above(float[] probability, int H, int N, float threshold, int denseLastRows,
                                  boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                keep[row * N + j] = probability[row * N + j] > threshold
                        || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    private static boolean forced(int i, int j, int N, int denseLastRows, boolean keepFirst) {
        return j == i || i >= N - denseLastRows || j == 0 && keepFirst;
    }
}
