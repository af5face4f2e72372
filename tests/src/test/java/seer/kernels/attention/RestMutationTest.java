package seer.kernels.attention;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.operationsNoticed;
import static seer.kernels.Mutations.slipsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.sim.Mutation;

/// The conformance tests notice what is missing from the kernels that correct sparse attention, or off by one. Only on
/// the simulator.
class RestMutationTest {
    private static final String MERGED = DeltaRows.class.getName() + ".merged";
    private static final String LISTED = RestAttentionMma.class.getName() + ".listed";

    private static void rest() {
        new RestProblem(70, 192, 2, 2, 64, 64).checkFloats();
        new RestProblem(9, 400, 2, 1, 16, 8).checkFloats();
        severalSteps();
    }

    /// More blocks than a group holds the means of.
    private static void severalSteps() {
        new RestProblem(9, 320, 1, 1, 64, 8).checkFloats();
    }

    private static void tileRest() {
        new RestProblem(70, 192, 2, 2, 64, 64).checkTiles();
        new RestProblem(2, 4160, 1, 1, 64, 64).checkTiles();
        TileRestKernelsTest.mostListed().checkTiles();
    }

    private static void delta() {
        new DeltaProblem(150, 66, 2, 2, 16, 2).checkFloats(2);
        severalTiles();
    }

    /// More keys than a group holds at once.
    private static void severalTiles() {
        new DeltaProblem(5, 64, 1, 1, 64, 2).checkFloats(1);
    }

    private static void tileDelta() {
        new DeltaProblem(200, 128, 2, 2, 64, 2).checkTiles(2); // a distance of queries that no other place has
    }

    /// The quick ones, in every run.
    @Test
    void slips() {
        slipsNoticed(RestAttention.class, "joined", RestMutationTest::severalSteps);
        slipsNoticed(DeltaRows.class, "part", RestMutationTest::severalTiles);
        operationsNoticed(RestAttentionMma.class, "joined", () -> new RestProblem(1, 448, 1, 1, 64, 64).checkTiles());
        operationsNoticed(TileDeltaRows.class, "part", () -> new DeltaProblem(3, 128, 1, 1, 64, 2).checkTiles(1));
    }

    @Test
    @Tag("slow")
    void restOfLists() {
        noticed(RestAttention.class, "joined", RestMutationTest::rest);
        noticed(RestAttentionMma.class, "joined", RestMutationTest::tileRest);
        helperNoticed(RestAttentionMma.class, "listed", RestMutationTest::tileRest,
                new Mutation(Mutation.Kind.PLACE_SHIFTED, 0, LISTED), // 4, 5, 7, 11 and 19 reach all lanes, too
                new Mutation(Mutation.Kind.PLACE_SHIFTED, 1, LISTED));
        helperNoticed(RestAttentionMma.class, "share", RestMutationTest::tileRest);
        helperNoticed(TileSoftmax.class, "join", RestMutationTest::tileRest);
        noticed(TileMeans.class, "pairs", () -> {
            TileRestKernelsTest.checkMeans(2, 400, 128, 1, 2, 64);
            TileRestKernelsTest.checkMeans(3, 300, 64, 1, 1, 64); // items beyond the last block
        });
    }

    @Test
    @Tag("slow")
    void deltaRows() {
        noticed(DeltaRows.class, "part", RestMutationTest::delta);
        noticed(DeltaRows.class, "spread", RestMutationTest::delta);
        helperNoticed(DeltaRows.class, "merged", RestMutationTest::delta,
                new Mutation(Mutation.Kind.INDEX_SHIFTED, 4, MERGED)); // a part's sum as its maximum: near enough
        noticed(TileDeltaRows.class, "part", RestMutationTest::tileDelta);
        noticed(TileDeltaRows.class, "spread", RestMutationTest::tileDelta);
        for (String helper : new String[] {"scores", "values", "store"}) {
            helperNoticed(TileDeltaRows.class, helper, RestMutationTest::tileDelta);
        }
    }
}
