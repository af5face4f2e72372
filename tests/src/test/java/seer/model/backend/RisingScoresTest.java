package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.attention.BlockSparseAttention;
import seer.model.Backends;
import seer.model.attention.BlockMask;

/// Weights are held to a maximum that may be up to 2^16 too small: scores that rise from key to key, slowly, in leaps,
/// within a block and from one to the next, and those that fall so far that nothing is left of them.
class RisingScoresTest {
    private static final int T = 333;
    private static final int D = 64;

    /// @param rise of a score from key to key, as a natural logarithm
    @ParameterizedTest
    @ValueSource(floats = {0.01f, 0.03f, 0.1f, 0.17f, 0.2f, 1, 3, -0.1f, -1, -3})
    void scoresThatRiseFromKeyToKeyEqualTheReference(float rise) {
        check(rise, key -> key * rise);
    }

    @ParameterizedTest
    @ValueSource(floats = {10.9f, 11.2f, 30, 90, -11, -90})
    void scoresThatLeapFromBlockToBlockEqualTheReference(float leap) {
        check(leap, key -> key / 64 * leap + key % 7 * 0.1f);
    }

    @ParameterizedTest
    @ValueSource(floats = {11.2f, 40, 100})
    void oneKeyThatLeapsEqualsTheReference(float leap) {
        check(leap, key -> key == 200 ? leap : key % 5 * 0.2f);
    }

    private interface Scores {
        float of(int key);
    }

    private static void check(float step, Scores scores) {
        var draw = new Draw(17);
        float[] q = draw.normal(2 * T * D);
        float[] k = draw.normal(T * D);
        float[] v = draw.normal(T * D);
        float largest = 0;
        for (int t = 0; t < T; t++) {
            q[t * D] = (float) Math.sqrt(D);
            q[(T + t) * D] = (float) -Math.sqrt(D);
            k[t * D] = scores.of(t);
            largest = Math.max(largest, Math.abs(scores.of(t)));
            for (int d = 1; d < D; d++) {
                k[t * D + d] *= 0.1f;
            }
        }
        var wanted = BlockSparseAttention.reference(q, k, v, null, 2, 1, T, D, 64);
        try (var backend = Backends.cpu(2)) {
            var arena = backend.arena("the test", 0);
            var cache = arena.cache(1, T, D, ElementType.F32);
            backend.append(arena.upload(k, 1, T, D), arena.upload(v, 1, T, D), T, null, 0, cache);
            var o = arena.allocate(T, 2 * D);
            var lse = arena.allocate(2, T);
            backend.attend(arena.upload(q, 2, T, D), T, 0, cache, BlockMask.dense(2, 64, 0, (T + 63) / 64), o, lse);
            float[] got = o.download();
            for (int i = 0; i < got.length; i++) {
                assertEquals(wanted.o()[i], got[i], 2e-6 * (1 + largest), step + ": output " + i);
            }
            float[] sums = lse.download();
            for (int i = 0; i < sums.length; i++) {
                assertEquals(wanted.lse()[i], sums[i], 1e-6 * (1 + largest), step + ": log-sum-exp " + i);
            }
        }
    }
}
