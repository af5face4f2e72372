package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.attention.AttentionMass;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.DeltaRows;
import seer.kernels.attention.PooledAttention;
import seer.kernels.attention.RestAttention;
import seer.model.attention.BlockMask;
import seer.model.attention.MassPooling;

/// Attention against the plain double-precision reference.
abstract class AttentionFacts extends BackendFacts {
    /// One problem: queries, keys and values, and caches that are longer than they, filled up with NaN.
    private record Problem(int H, int G, int T, int D, int B, float[] q, float[] k, float[] v) {
        static Problem draw(int H, int G, int T, int D, int B) {
            var draw = new Draw(31L * T + 7L * H + D + B);
            return new Problem(H, G, T, D, B, draw.normal(H * T * D), draw.normal(G * T * D), draw.normal(G * T * D));
        }

        int n() {
            return (T + B - 1) / B;
        }

        BlockSparseAttention.Result reference(boolean[] keep) {
            return BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B);
        }
    }

    private record Answer(float[] o, float[] lse) { }

    private Answer attend(Problem p, BlockMask mask) {
        return attend(p, p.k, p.v, mask);
    }

    private Answer attend(Problem p, float[] k, float[] v, BlockMask mask) {
        int spare = 3;
        Tensor o = arena.allocate(p.T, p.H * p.D);
        Tensor lse = arena.allocate(p.H, p.T);
        backend.attend(arena.upload(p.q, p.H, p.T, p.D), p.T, 0, cache(longer(k, p.G, p.T * p.D, spare * p.D),
                longer(v, p.G, p.T * p.D, spare * p.D), p.G, p.T + spare, p.D), mask, o, lse);
        return new Answer(o.download(), lse.download());
    }

    /// Each of `groups` runs of `length` values followed by `spare` NaN.
    private static float[] longer(float[] values, int groups, int length, int spare) {
        var result = new float[groups * (length + spare)];
        Arrays.fill(result, Float.NaN);
        for (int g = 0; g < groups; g++) {
            System.arraycopy(values, g * length, result, g * (length + spare), length);
        }
        return result;
    }

    private void check(Problem p, Answer got, BlockSparseAttention.Result wanted) {
        check(p.H + "/" + p.G + " heads, T " + p.T + ", D " + p.D + ", B " + p.B + ", o",
                got.o, wanted.o(), p.T + p.D);
        check("log-sum-exp", got.lse, wanted.lse(), p.T + p.D);
    }

    Stream<Arguments> allBlocksListedEqualsDense() {
        return within(1, 5, 63, 64, 65, 130, 257);
    }

    @ParameterizedTest
    @MethodSource
    void allBlocksListedEqualsDense(int T) {
        int[][] heads = {{1, 1}, {4, 2}, {8, 1}, {7, 1}};
        for (int D : new int[] {16, 64, 128}) {
            for (int i = 0; i < heads.length; i++) {
                Problem p = Problem.draw(heads[i][0], heads[i][1], T, D, 64);
                BlockSparseAttention.Result wanted = p.reference(null);
                for (int B : new int[] {8, 16, 32, 64, 128}) {
                    if (thorough() || (D + T + B / 8 + i) % 4 == 0) {
                        check(p, attend(p, BlockMask.dense(p.H, B, 0, Math.ceilDiv(T, B))), wanted);
                    }
                }
            }
        }
    }

    @Test
    void aThousandTokensEqualDense() {
        Problem p = Problem.draw(4, 2, rows(1000), 64, 64);
        check(p, attend(p, BlockMask.dense(4, 64, 0, p.n())), p.reference(null));
    }

    @ParameterizedTest
    @CsvSource({"80, 24", "96, 96", "256, 64", "20, 40", "64, 192", "64, 100"})
    void oddHeadWidthsAndBlocksWork(int D, int B) {
        Problem p = Problem.draw(2, 1, rows(217), D, B);
        boolean[] keep = new Draw(5).blocks(p.H, p.n(), 0.6, true);
        check(p, attend(p, Draw.mask(keep, p.H, p.n(), B, 0, p.n())), p.reference(keep));
    }

    Stream<Arguments> sparseEqualsTheReference() {
        return within(arguments(65, 16, 8), arguments(70, 64, 16), arguments(1000, 64, 64), arguments(257, 16, 8),
                arguments(257, 64, 16), arguments(500, 64, 32), arguments(130, 128, 128), arguments(1000, 16, 128));
    }

    @ParameterizedTest
    @MethodSource
    void sparseEqualsTheReference(int T, int D, int B) {
        Problem p = Problem.draw(4, 2, T, D, B);
        boolean[] keep = new Draw(9).blocks(p.H, p.n(), 0.3, true);
        check(p, attend(p, Draw.mask(keep, p.H, p.n(), B, 0, p.n())), p.reference(keep));
    }

    Stream<Arguments> deltaRowsAreDenseAndCorrectTheirFollowers() {
        return within(arguments(1, 1, 16, 64, 64), arguments(65, 1, 16, 64, 64), arguments(130, 2, 64, 64, 64),
                arguments(200, 1, 16, 16, 5), arguments(257, 2, 64, 64, 32), arguments(257, 1, 128, 64, 2),
                arguments(1000, 2, 64, 64, 64), arguments(700, 1, 80, 32, 128));
    }

    @ParameterizedTest
    @MethodSource
    void deltaRowsAreDenseAndCorrectTheirFollowers(int T, int G, int D, int B, int spacing) {
        Problem p = Problem.draw(4, G, T, D, B);
        boolean[] keep = new Draw(11).blocks(p.H, p.n(), 0.3, true);
        Tensor q = arena.upload(p.q, p.H, p.T, p.D);
        Tensor o = arena.allocate(p.T, p.H * p.D);
        Tensor lse = arena.allocate(p.H, p.T);
        KeyValueCache cache = cache(longer(p.k, p.G, p.T * p.D, p.D), longer(p.v, p.G, p.T * p.D, p.D), p.G, p.T + 1,
                p.D);
        backend.attend(q, p.T, 0, cache, Draw.mask(keep, p.H, p.n(), B, 0, p.n()), o, lse);
        backend.addDeltas(q, p.T, 0, spacing, cache, o, lse);
        check("corrected", o.download(), DeltaRows.reference(p.reference(keep).o(), p.reference(null).o(), p.H, p.T,
                p.D, spacing), p.T + p.D);
        check("log-sum-exp", lse.download(), p.reference(keep).lse(), p.T + p.D);
    }

    Stream<Arguments> whatIsLeftOutCountsByTheMeansOfItsBlocks() {
        return within(arguments(1, 1, 16, 64), arguments(65, 1, 16, 8), arguments(257, 2, 64, 16),
                arguments(700, 4, 80, 32), arguments(1000, 2, 64, 64), arguments(300, 1, 128, 128));
    }

    @ParameterizedTest
    @MethodSource
    void whatIsLeftOutCountsByTheMeansOfItsBlocks(int T, int G, int D, int B) {
        Problem p = Problem.draw(4, G, T, D, B);
        boolean[] keep = new Draw(11).blocks(p.H, p.n(), 0.3, false);
        check("joined", rest(p, keep), RestAttention.reference(p.q, p.k, p.v, keep, p.H, p.G, p.T, p.D, p.B),
                p.T + p.D);
    }

    /// In two chunks, so that means are made twice.
    private float[] rest(Problem p, boolean[] keep) {
        int cut = p.T / 2 / p.B * p.B;
        KeyValueCache cache = cache(longer(p.k, p.G, p.T * p.D, p.D), longer(p.v, p.G, p.T * p.D, p.D), p.G, p.T + 1,
                p.D);
        KeyValueCache means = arena.cache(p.G, p.n(), p.D);
        var all = new float[p.T * p.H * p.D];
        for (int from = 0; from < p.T; from = from == 0 && cut > 0 ? cut : p.T) {
            int rows = (from == 0 && cut > 0 ? cut : p.T) - from;
            var part = new float[p.H * rows * p.D];
            for (int h = 0; h < p.H; h++) {
                System.arraycopy(p.q, (h * p.T + from) * p.D, part, h * rows * p.D, rows * p.D);
            }
            Tensor q = arena.upload(part, p.H, rows, p.D);
            Tensor o = arena.allocate(rows, p.H * p.D);
            Tensor lse = arena.allocate(p.H, rows);
            BlockMask mask = Draw.mask(keep, p.H, p.n(), p.B, from / p.B, Math.ceilDiv(rows, p.B));
            backend.attend(q, rows, from, cache, mask, o, lse);
            backend.averageBlocks(cache, from / p.B, (from + rows) / p.B - from / p.B, p.B, means);
            backend.attendRest(q, rows, from, means, mask, o, lse);
            System.arraycopy(o.download(), 0, all, from * p.H * p.D, rows * p.H * p.D);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 32, 64, 128})
    void unlistedBlocksAreNeverRead(int B) {
        Problem p = Problem.draw(1, 1, rows(430), 64, B);
        int n = p.n();
        var keep = new boolean[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                keep[i * n + j] = j % 3 == 1;
            }
        }
        float[] k = p.k.clone();
        float[] v = p.v.clone();
        for (int j = 0; j < n; j++) {
            if (j % 3 != 1) {
                Arrays.fill(k, j * B * p.D, Math.min(p.T, (j + 1) * B) * p.D, Float.NaN);
                Arrays.fill(v, j * B * p.D, Math.min(p.T, (j + 1) * B) * p.D, Float.NaN);
            }
        }
        check(p, attend(p, k, v, Draw.mask(keep, 1, n, B, 0, n)), p.reference(keep));
    }

    @Test
    void rowsWithoutBlocksAreZero() {
        Problem p = Problem.draw(2, 1, rows(200), 16, 64);
        var keep = new boolean[p.H * p.n() * p.n()];
        Answer got = attend(p, Draw.mask(keep, p.H, p.n(), 64, 0, p.n()));
        assertArrayEquals(new float[p.T * p.H * p.D], got.o);
        for (float lse : got.lse) {
            assertEquals(Float.NEGATIVE_INFINITY, lse);
        }
    }

    /// Without their diagonal, rows still see their other blocks.
    @Test
    void theDiagonalMayBeMissing() {
        Problem p = Problem.draw(2, 2, rows(300), 16, 32);
        boolean[] keep = new Draw(3).blocks(p.H, p.n(), 0.4, false);
        check(p, attend(p, Draw.mask(keep, p.H, p.n(), 32, 0, p.n())), p.reference(keep));
    }

    @ParameterizedTest
    @CsvSource({"64, 64", "64, 128", "16, 48", "128, 256"})
    void chunkedEqualsOneShot(int B, int chunk) {
        Problem p = Problem.draw(4, 2, rows(333), 64, B);
        boolean[] keep = new Draw(4).blocks(p.H, p.n(), 0.4, true);
        Answer whole = attend(p, Draw.mask(keep, p.H, p.n(), B, 0, p.n()));
        KeyValueCache cache = cache(p.k, p.v, p.G, p.T, p.D);
        for (int offset = 0; offset < p.T; offset += chunk) {
            int rows = Math.min(chunk, p.T - offset);
            var q = new float[p.H * chunk * p.D];
            for (int h = 0; h < p.H; h++) {
                System.arraycopy(p.q, (h * p.T + offset) * p.D, q, h * chunk * p.D, rows * p.D);
            }
            Tensor o = arena.allocate(chunk, p.H * p.D);
            Tensor lse = arena.allocate(p.H, chunk);
            BlockMask mask = Draw.mask(keep, p.H, p.n(), B, offset / B, (rows + B - 1) / B);
            backend.attend(arena.upload(q, p.H, chunk, p.D), rows, offset, cache, mask, o, lse);
            int from = offset * p.H * p.D;
            assertArrayEquals(Arrays.copyOfRange(whole.o, from, from + rows * p.H * p.D),
                    Arrays.copyOf(o.download(), rows * p.H * p.D));
            for (int h = 0; h < p.H; h++) {
                assertArrayEquals(Arrays.copyOfRange(whole.lse, h * p.T + offset, h * p.T + offset + rows),
                        Arrays.copyOfRange(lse.download(), h * chunk, h * chunk + rows));
            }
        }
    }

    /// Scores of several thousands would overflow without the running maximum.
    @Test
    void largeMagnitudesStayExact() {
        Problem p = Problem.draw(2, 1, rows(200), 64, 64);
        for (int i = 0; i < p.q.length; i++) {
            p.q[i] *= 300;
        }
        Answer got = attend(p, BlockMask.dense(2, 64, 0, p.n()));
        BlockSparseAttention.Result wanted = p.reference(null);
        for (int i = 0; i < got.lse.length; i++) {
            assertEquals(wanted.lse()[i], got.lse[i], tolerance() * 1e-6 * 64 * (1 + Math.abs(wanted.lse()[i])));
        }
        for (int i = 0; i < got.o.length; i++) {
            // A score of 5000 has an absolute error of 5000 * 1e-7 * a few: so have the logarithms of weights.
            assertEquals(wanted.o()[i], got.o[i], tolerance() * 0.01);
        }
    }

    /// Equal scores give equal weights: an average, to the last bits, at any level of the scores.
    @ParameterizedTest
    @ValueSource(floats = {0, 1, -1, 100, -100})
    void constantScoresAverageTheValues(float level) {
        int T = rows(256);
        int D = 16;
        Problem p = Problem.draw(1, 1, T, D, 64);
        Arrays.fill(p.q, level);
        Arrays.fill(p.k, 1);
        for (int i = 0; i < p.v.length; i++) {
            p.v[i] = i / D % 2; // whole numbers: their sums are exact
        }
        Answer got = attend(p, BlockMask.dense(1, 64, 0, p.n()));
        for (int t = 0; t < T; t++) {
            float average = ((t + 1) / 2) / (float) (t + 1);
            assertEquals(average, got.o[t * D], tolerance() * Math.ulp(average));
        }
    }

    @Test
    void negativeScoresOnly() {
        Problem p = Problem.draw(1, 1, rows(130), 16, 64);
        Arrays.fill(p.q, -0.3f);
        for (int i = 0; i < p.k.length; i++) {
            p.k[i] = Math.abs(p.k[i]) + 1;
        }
        check(p, attend(p, BlockMask.dense(1, 64, 0, p.n())), p.reference(null));
    }

    Stream<Arguments> oneTokenEqualsTheLastRow() {
        return within(arguments(1, 1, 1, 64), arguments(5, 4, 2, 16), arguments(65, 8, 1, 64),
                arguments(1000, 7, 1, 128), arguments(3000, 4, 2, 64), arguments(700, 2, 2, 20),
                arguments(130, 9, 3, 64), arguments(67, 3, 1, 40));
    }

    @ParameterizedTest
    @MethodSource
    void oneTokenEqualsTheLastRow(int T, int H, int G, int D) {
        Problem p = Problem.draw(H, G, T, D, 64);
        var last = new float[H * D];
        for (int h = 0; h < H; h++) {
            System.arraycopy(p.q, (h * T + T - 1) * D, last, h * D, D);
        }
        Tensor o = arena.allocate(1, H * D);
        backend.attendOne(arena.upload(last, H, 1, D), T - 1,
                cache(longer(p.k, G, T * D, 3 * D), longer(p.v, G, T * D, 3 * D), G, T + 3, D), o);
        double[] wanted = lastRow(p);
        check("one token", o.download(), wanted, T + D);
    }

    private static double[] lastRow(Problem p) {
        // Only the last query: a problem in which all others have nothing to do.
        var keep = new boolean[p.H * p.n() * p.n()];
        for (int h = 0; h < p.H; h++) {
            Arrays.fill(keep, (h * p.n() + p.n() - 1) * p.n(), (h + 1) * p.n() * p.n(), true);
        }
        double[] o = p.reference(keep).o();
        return Arrays.copyOfRange(o, (p.T - 1) * p.H * p.D, p.T * p.H * p.D);
    }

    Stream<Arguments> pooledAttentionIsTheLargestProbability() {
        return within(arguments(1, 64), arguments(65, 64), arguments(257, 16), arguments(300, 128), arguments(130, 8));
    }

    @ParameterizedTest
    @MethodSource
    void pooledAttentionIsTheLargestProbability(int T, int B) {
        Problem p = Problem.draw(4, 2, T, 16, B);
        double[] wanted = PooledAttention.reference(p.q, p.k, p.reference(null).lse(), p.H, p.G, T, p.D, B);
        Tensor q = arena.upload(p.q, p.H, T, p.D);
        KeyValueCache k = cache(p.k, p.v, p.G, T, p.D);
        Tensor lse = arena.upload(attend(p, BlockMask.dense(p.H, B, 0, p.n())).lse, p.H, T);
        for (int h = 0; h < p.H; h++) {
            int size = p.n() * p.n();
            check("pooled map", backend.pooledAttention(q, T, 0, k, lse, B).get(h),
                    Arrays.copyOfRange(wanted, h * size, (h + 1) * size), T + p.D);
        }
    }

    @ParameterizedTest
    @MethodSource("pooledAttentionIsTheLargestProbability")
    void blockMassIsTheSumOfProbabilities(int T, int B) {
        Problem p = Problem.draw(4, 2, T, 16, B);
        double[] dense = p.reference(null).lse();
        Tensor q = arena.upload(p.q, p.H, T, p.D);
        KeyValueCache k = cache(p.k, p.v, p.G, T, p.D);
        Tensor lse = arena.upload(attend(p, BlockMask.dense(p.H, B, 0, p.n())).lse, p.H, T);
        for (MassPooling pooling : MassPooling.values()) {
            int kind = pooling == MassPooling.PEAK ? AttentionMass.PEAK
                    : pooling == MassPooling.MEAN ? AttentionMass.MEAN : AttentionMass.ROOT;
            double[] wanted = AttentionMass.reference(p.q, p.k, dense, p.H, p.G, T, p.D, B, kind);
            for (int h = 0; h < p.H; h++) {
                int size = p.n() * p.n();
                check(pooling + " map", backend.blockMass(q, T, 0, k, lse, B, pooling).get(h),
                        Arrays.copyOfRange(wanted, h * size, (h + 1) * size), T + p.D);
            }
        }
    }

    @Test
    void blockMassOfAChunkIsThatPartOfTheMap() {
        Problem p = Problem.draw(1, 1, 200, 16, 32);
        KeyValueCache k = cache(p.k, p.v, 1, 200, 16);
        float[] lse = attend(p, BlockMask.dense(1, 32, 0, p.n())).lse;
        Tensor sums = arena.upload(lse, 1, 200);
        float[] whole = backend.blockMass(arena.upload(p.q, 1, 200, 16), 200, 0, k, sums, 32, 0, MassPooling.ROOT);
        float[] part = backend.blockMass(arena.upload(Arrays.copyOfRange(p.q, 64 * 16, 200 * 16), 1, 136, 16), 136,
                64, k, arena.upload(Arrays.copyOfRange(lse, 64, 200), 1, 136), 32, 0, MassPooling.ROOT);
        assertArrayEquals(Arrays.copyOfRange(whole, 2 * 7, 7 * 7), part);
    }

    @Test
    void pooledAttentionOfAChunkIsThatPartOfTheMap() {
        Problem p = Problem.draw(1, 1, 200, 16, 32);
        KeyValueCache k = cache(p.k, p.v, 1, 200, 16);
        float[] lse = attend(p, BlockMask.dense(1, 32, 0, p.n())).lse;
        Tensor sums = arena.upload(lse, 1, 200);
        float[] whole = backend.pooledAttention(arena.upload(p.q, 1, 200, 16), 200, 0, k, sums, 32, 0);
        Tensor q = arena.upload(Arrays.copyOfRange(p.q, 64 * 16, 200 * 16), 1, 136, 16);
        sums = arena.upload(Arrays.copyOfRange(lse, 64, 200), 1, 136);
        float[] part = backend.pooledAttention(q, 136, 64, k, sums, 32, 0);
        assertArrayEquals(Arrays.copyOfRange(whole, 2 * 7, 7 * 7), part);
    }

    @Test
    void headWidthsThatDoNotFitAreRefused() {
        Problem p = Problem.draw(1, 1, 8, 6, 8);
        var e = assertThrows(IllegalArgumentException.class, () -> attend(p, BlockMask.dense(1, 8, 0, 1)));
        assertTrue(e.getMessage().contains("6"), e.getMessage());
    }
}
