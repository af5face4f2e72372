package seer.kernels.attention;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.operationsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.sim.Mutation;

/// The conformance tests notice what is missing from the attention kernels of tensor cores, or off by one. Only on the
/// simulator.
class TileAttentionMutationTest {

    /// More steps than twice the places that they go through, so that each is used in both parities; two groups, the
    /// last one not full.
    private static void denseWgmma() {
        new TileAttentionProblem(190, 448, 2, 2, 64, 64).check("wgmma", false, true);
        new TileAttentionProblem(65, 64, 1, 1, 128, 64).check("wgmma", false, true);
    }

    private static void listedWgmma() {
        listed(190, 512, 64).check("wgmma", true, true);
        listed(65, 0, 128).check("wgmma", true, true);
        listed(1, 0, 64).check("wgmma", true, false);
    }

    private static void denseMma() {
        new TileAttentionProblem(190, 128, 2, 2, 64, 64).check("mma", false, true);
    }

    private static void listedMma() {
        listed(190, 128, 64).check("mma", true, true);
    }

    /// Lists of one, two and five tiles, two parts and three, one too short to be shared; the last tile of rows is not
    /// full.
    private static void shared(String rung) {
        listed(190, 512, 64).checkShared(rung, true, new TileAttentionProblem.Shares(2, 3, 1));
        listed(70, 0, 128).checkShared(rung, true, new TileAttentionProblem.Shares(2, 2, 1));
        listed(190, 128, 64).checkShared(rung, false, new TileAttentionProblem.Shares(1, 2, 1));
        listed(190, 128, 64).checkShared(rung, true, new TileAttentionProblem.Shares(1, 2, 4));
    }

    /// Every row keeps all blocks but one.
    private static TileAttentionProblem listed(int rows, int offset, int D) {
        var problem = new AttentionProblem(rows, offset, 2, 2, D, 128);
        int N = (offset + rows + 127) / 128;
        for (int row = 0; row < 2 * N; row++) {
            for (int j = 0; j < N; j++) {
                problem.keep[row * N + j] = j <= row % N && (j != row / N || N < 3);
            }
        }
        return new TileAttentionProblem(problem);
    }

    /// The quick ones, in every run: one group that goes through each place in both parities. A product of heads of 128
    /// is not reached; the slow tests have both widths.
    @Test
    void operationsThatAreMissing() {
        operationsNoticed(BlockSparseAttentionWgmma.class, "listed",
                () -> listed(1, 384, 64).check("wgmma", true, true),
                new Mutation(Mutation.Kind.OPERATION_REMOVED, 8, null));
        operationsNoticed(BlockSparseAttentionMma.class, "listed", () -> listed(1, 128, 64).check("mma", true, true));
    }

    @Test
    @Tag("slow")
    void denseOnHopper() {
        noticed(BlockSparseAttentionWgmma.class, "dense", TileAttentionMutationTest::denseWgmma);
        for (String helper : new String[] {"arrive", "scores", "values"}) {
            helperNoticed(BlockSparseAttentionWgmma.class, helper, TileAttentionMutationTest::denseWgmma);
        }
    }

    @Test
    @Tag("slow")
    void listedOnHopper() {
        noticed(BlockSparseAttentionWgmma.class, "listed", TileAttentionMutationTest::listedWgmma);
        helperNoticed(BlockSparseAttentionWgmma.class, "bring", TileAttentionMutationTest::listedWgmma);
        helperNoticed(BlockSparseAttentionWgmma.class, "finish", TileAttentionMutationTest::listedWgmma);
    }

    @Test
    @Tag("slow")
    void onAmpere() {
        noticed(BlockSparseAttentionMma.class, "dense", TileAttentionMutationTest::denseMma);
        noticed(BlockSparseAttentionMma.class, "listed", TileAttentionMutationTest::listedMma);
        for (String helper : new String[] {"bring", "scores", "values"}) {
            helperNoticed(BlockSparseAttentionMma.class, helper, TileAttentionMutationTest::denseMma);
        }
    }

    @Test
    @Tag("slow")
    void lastRows() {
        noticed(LongRows.class, "join", () -> shared("wgmma"));
        for (String helper : new String[] {"head", "tile", "part", "place", "leave", "put"}) {
            helperNoticed(LongRows.class, helper, () -> shared("mma"));
        }
        helperNoticed(LongRows.class, "shares", () -> {
            shared("mma");
            listed(1, 640, 64).checkShared("mma", true, new TileAttentionProblem.Shares(1, 2, 3));
        }, new Mutation(Mutation.Kind.INDEX_SHIFTED, 1, "seer.kernels.attention.LongRows.shares")); // fewer parts
    }

    @Test
    @Tag("slow")
    void softmax() {
        for (String helper : new String[] {"begin", "raise", "finish", "clear", "store", "storeLogSum"}) {
            helperNoticed(TileSoftmax.class, helper, () -> {
                denseWgmma();
                listedWgmma();
            });
        }
    }
}
