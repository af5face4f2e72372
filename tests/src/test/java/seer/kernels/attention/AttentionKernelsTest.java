package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.KernelRun;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each rung of the attention kernels against the reference.
@Conformance
class AttentionKernelsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 63, 64, 65, 130})
    void anyNumberOfTokens(int rows) {
        new AttentionProblem(rows, 0, 2, 1, 16, 64).checkAll(true);
    }

    @ParameterizedTest
    @CsvSource({"8", "16", "32", "128"})
    void anyBlock(int B) {
        new AttentionProblem(150, 0, 1, 1, 16, B).checkAll(true);
    }

    @ParameterizedTest
    @CsvSource({"64, 64", "80, 32", "128, 64"})
    void anyHeadWidth(int D, int B) {
        new AttentionProblem(70, 0, 1, 1, D, B).checkAll(true);
    }

    /// Sizes that `tiled` does not take: odd ones, blocks that are no whole number of groups, heads wider than a tile.
    @ParameterizedTest
    @CsvSource({"20, 24", "7, 5", "33, 100", "160, 16"})
    void anySizeAtAll(int D, int B) {
        new AttentionProblem(130, 0, 1, 1, D, B).checkAll(true);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 2", "8, 1", "7, 1"})
    void anyHeads(int H, int G) {
        new AttentionProblem(20, 0, H, G, 16, 16).checkAll(true);
    }

    @ParameterizedTest
    @CsvSource({"10, 64, 64", "66, 128, 64", "40, 32, 16", "130, 128, 128"})
    void chunksThatFollowEarlierTokens(int rows, int offset, int B) {
        new AttentionProblem(rows, offset, 2, 1, 16, B).checkAll(true);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "65, 0", "33, 70"})
    void denseNeedsNoLists(int rows, int offset) {
        new AttentionProblem(rows, offset, 2, 1, 16, 64).checkAll(false);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"257, 0, 1, 1, 128, 64", "257, 64, 2, 1, 64, 32", "1000, 0, 1, 1, 16, 128", "1000, 96, 1, 1, 16, 8"})
    void longPrompts(int rows, int offset, int H, int G, int D, int B) {
        new AttentionProblem(rows, offset, H, G, D, B).check(AttentionRung.TILED, true);
        new AttentionProblem(rows, offset, H, G, D, 64).check(AttentionRung.TILED, false);
    }

    @ParameterizedTest
    @EnumSource
    void logSumExpsAreWrittenOnlyIfWanted(AttentionRung rung) {
        new AttentionProblem(10, 0, 2, 1, 16, 8).check(rung, true, false);
    }

    /// All scores lie near 100, where e^s exceeds fp32: only differences from the maximum may be raised to a power.
    @ParameterizedTest
    @CsvSource({"0, 1, 1, 16, 1", "5, 4, 2, 64, 1", "130, 2, 1, 128, 1", "300, 2, 1, 16, 3", "9, 7, 1, 80, 4"})
    void oneQueryIsTheLastRowOfDenseAttention(int position, int H, int G, int D, int splits) {
        checkOneQuery(position, H, G, D, splits, 64, 0);
    }

    /// Lists for each head or for each group, one of them empty, blocks of any number of tokens.
    @ParameterizedTest
    @CsvSource({"0, 1, 1, 16, 1, 64, 1", "130, 4, 2, 64, 2, 16, 4", "130, 4, 2, 16, 3, 16, 2", "300, 6, 3, 80, 2, 5, 3",
        "257, 5, 5, 128, 4, 128, 5", "63, 7, 1, 16, 1, 1, 1"})
    void oneQuerySeesListedBlocksAlone(int position, int H, int G, int D, int splits, int B, int lists) {
        checkOneQuery(position, H, G, D, splits, B, lists);
    }

    /// @param lists how many there are; 0: dense
    static void checkOneQuery(int position, int H, int G, int D, int splits, int B, int lists) {
        var problem = new AttentionProblem(1, position, H, G, D, 64);
        int T = position + 1;
        var query = new float[H * D];
        for (int i = D - 1; i < problem.k.length; i += D) {
            problem.k[i] = 1;
        }
        for (int h = 0; h < H; h++) {
            problem.q[(h * T + position) * D + D - 1] = (float) (100 * Math.sqrt(D));
            System.arraycopy(problem.q, (h * T + position) * D, query, h * D, D);
        }
        var q = KernelRun.padded(query, 6);
        var k = KernelRun.padded(problem.k, 4);
        var v = KernelRun.padded(problem.v, 5);
        var out = new FloatArray(3 + H * D);
        var scratch = new FloatArray(8 + H * splits * (D + 2));
        var row = new OneQueryLists(position, H, B, lists);
        var p = IntArray.fromElements(position, 6, 1, 4, 5, T, 3, 8, splits, lists, OneQueryLists.START_AT,
                row.endAt(), OneQueryLists.INDEX_AT);
        KernelRun.of(KernelRun.groups(splits, H, 1, OneQueryAttention.ITEMS)).in(q, k, v, row.start, row.index, p)
                .out(scratch)
                .run(graph -> graph.task(KernelRun.TASK, OneQueryAttention::part, new KernelContext(), q, k, v,
                        row.start, row.index, scratch, p, H, G, D, B, lists > 0 ? 1 : 0));
        KernelRun.of(KernelRun.groups(1, H, 1, OneQueryAttention.ITEMS)).in(scratch, p).out(out)
                .run(graph -> graph.task(KernelRun.TASK, OneQueryAttention::merge, new KernelContext(), scratch, out,
                        p, D));
        double[] wanted = row.reference(query, problem.k, problem.v, H, G, T, D, B);
        if (lists == 0) {
            assertArrayEquals(problem.reference(false).o(), wanted, 1e-12);
        }
        KernelRun.assertClose("out", wanted, out, 3, T);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 16, 64", "65, 0, 64, 64", "70, 0, 16, 8", "40, 32, 16, 16", "100, 0, 16, 32",
        "140, 0, 16, 128", "66, 128, 80, 64"})
    void pooledMapsAreTheReference(int rows, int offset, int D, int B) {
        checkMap(rows, offset, D, B, "naive");
        checkMap(rows, offset, D, B, "tiled");
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 0, 16, 64", "257, 128, 128, 32"})
    void largePooledMapsAreTheReference(int rows, int offset, int D, int B) {
        checkMap(rows, offset, D, B, "tiled");
    }

    static void checkMap(int rows, int offset, int D, int B, String rung) {
        var problem = new AttentionProblem(rows, offset, 1, 1, D, B);
        int T = offset + rows;
        int columns = (T + B - 1) / B;
        double[] lse = BlockSparseAttention.reference(problem.q, problem.k, problem.v, null, 1, 1, T, D, B).lse();
        double[] all = PooledAttention.reference(problem.q, problem.k, lse, 1, 1, T, D, B);
        double[] wanted = Arrays.copyOfRange(all, offset / B * columns, all.length);
        var sums = new float[rows];
        for (int t = 0; t < rows; t++) {
            sums[t] = (float) lse[offset + t];
        }
        var q = KernelRun.padded(Arrays.copyOfRange(problem.q, offset * D, T * D), 1);
        var k = KernelRun.padded(problem.k, 2);
        var sum = KernelRun.padded(sums, 3);
        var map = new FloatArray(4 + wanted.length);
        var p = IntArray.fromElements(rows, offset, 1, 2, 3, 4, columns);
        int edge = Math.max(B, 64);
        if (rung.equals("naive")) {
            KernelRun.of(KernelRun.groups((columns + 7) / 8, wanted.length / columns, 1, 8)).in(q, k, sum, p).out(map)
                    .run(graph -> graph.task(KernelRun.TASK, PooledAttention::naive, new KernelContext(), q, k, sum,
                            map, p, D, B));
        } else {
            KernelRun.of(KernelRun.groups((T + edge - 1) / edge, (rows + edge - 1) / edge, 1, PooledAttention.ITEMS))
                    .in(q, k, sum, p).out(map)
                    .run(graph -> graph.task(KernelRun.TASK, PooledAttention::tiled, new KernelContext(), q, k, sum,
                            map, p, D, B));
        }
        KernelRun.assertClose(rung + " map", wanted, map, 4, D);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 16, 64, 0", "65, 0, 64, 64, 1", "65, 0, 32, 64, 2", "70, 0, 16, 8, 2", "40, 32, 16, 16, 0",
        "100, 0, 16, 32, 1", "140, 0, 16, 128, 2", "140, 0, 16, 128, 0", "66, 128, 80, 64, 2"})
    void massMapsAreTheReference(int rows, int offset, int D, int B, int kind) {
        checkMass(rows, offset, D, B, kind, "naive");
        checkMass(rows, offset, D, B, kind, "tiled");
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 0, 16, 64, 2", "257, 128, 128, 32, 1", "300, 0, 16, 8, 0"})
    void largeMassMapsAreTheReference(int rows, int offset, int D, int B, int kind) {
        checkMass(rows, offset, D, B, kind, "tiled");
    }

    static void checkMass(int rows, int offset, int D, int B, int kind, String rung) {
        var problem = new AttentionProblem(rows, offset, 1, 1, D, B);
        int T = offset + rows;
        int columns = (T + B - 1) / B;
        double[] lse = BlockSparseAttention.reference(problem.q, problem.k, problem.v, null, 1, 1, T, D, B).lse();
        double[] all = AttentionMass.reference(problem.q, problem.k, lse, 1, 1, T, D, B, kind);
        double[] wanted = Arrays.copyOfRange(all, offset / B * columns, all.length);
        var sums = new float[rows];
        for (int t = 0; t < rows; t++) {
            sums[t] = (float) lse[offset + t];
        }
        var q = KernelRun.padded(Arrays.copyOfRange(problem.q, offset * D, T * D), 1);
        var k = KernelRun.padded(problem.k, 2);
        var sum = KernelRun.padded(sums, 3);
        var map = new FloatArray(4 + wanted.length);
        var p = IntArray.fromElements(rows, offset, 1, 2, 3, 4, columns, kind);
        int edge = Math.max(B, 64);
        if (rung.equals("naive")) {
            KernelRun.of(KernelRun.groups((columns + 7) / 8, wanted.length / columns, 1, 8)).in(q, k, sum, p).out(map)
                    .run(graph -> graph.task(KernelRun.TASK, AttentionMass::naive, new KernelContext(), q, k, sum,
                            map, p, D, B));
        } else {
            KernelRun.of(KernelRun.groups((T + edge - 1) / edge, (rows + edge - 1) / edge, 1, AttentionMass.ITEMS))
                    .in(q, k, sum, p).out(map)
                    .run(graph -> graph.task(KernelRun.TASK, AttentionMass::tiled, new KernelContext(), q, k, sum,
                            map, p, D, B));
        }
        KernelRun.assertClose(rung + " masses", wanted, map, 4, T + D);
    }
}
