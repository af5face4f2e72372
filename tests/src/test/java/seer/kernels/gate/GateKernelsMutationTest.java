package seer.kernels.gate;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.slipsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.kernels.attention.BlockLists;
import seer.kernels.attention.BlockListsTest;
import seer.sim.Mutation;

/// The conformance tests notice each barrier that is missing from these kernels or orders the other memory, each index
/// that is off by one, and each array that is not cleared. Only on the simulator.
class GateKernelsMutationTest {
    private final GateKernelsTest gate = new GateKernelsTest();
    private final BlockListsTest lists = new BlockListsTest();

    /// The quick ones, in every run.
    @Test
    void kindsOfBarriersAndClearing() {
        slipsNoticed(GateVectors.class, "fused", () -> {
            gate.vectorsAreThoseOfTheStepsOneByOne(9, 2, 1, 4, 6, 10, 6, true);
            gate.vectorsAreThoseOfTheStepsOneByOne(9, 2, 1, 4, 6, 10, 6, false);
        });
        slipsNoticed(TileGateVectors.class, "fused", () -> {
            TileGateKernelsTest.check(21, 2, 1, 4, 64, 10, 6, 7, true);
            TileGateKernelsTest.check(21, 2, 1, 4, 64, 10, 6, 4, false);
        });
        slipsNoticed(TopSelection.class, "list", () -> gate.tiesGoToTheLowerIndex(40, 2, 7, 2, true));
        slipsNoticed(ThresholdSelection.class, "list",
                () -> gate.probabilitiesAboveTheThresholdAreKept(40, 33, 0.02f, 2, true));
        slipsNoticed(TopSelectionWarps.class, "list", () -> gate.tiesGoToTheLowerIndex(40, 2, 7, 2, true));
        slipsNoticed(ThresholdSelectionWarps.class, "list",
                () -> gate.probabilitiesAboveTheThresholdAreKept(40, 33, 0.02f, 2, true));
        slipsNoticed(BlockLists.class, "count", () -> lists.blocksOfEachMaskAreCounted(3, 200));
    }

    @Test
    @Tag("slow")
    void pooling() {
        noticed(BlockPooling.class, "naive", () -> gate.poolingSeesRealTokensOnly(21, 2, 8, 16));
    }

    @Test
    @Tag("slow")
    void projection() {
        for (String rung : new String[] {"naive", "rows"}) {
            noticed(GateProjection.class, rung, () -> {
                gate.headsAreProjectedByTheirOwnWeights(3, 8, 1, 48, 16);
                gate.headsAreProjectedByTheirOwnWeights(17, 4, 2, 48, 16);
            });
        }
    }

    @Test
    @Tag("slow")
    void vectors() {
        noticed(GateVectors.class, "fused", () -> {
            gate.vectorsAreThoseOfTheStepsOneByOne(37, 4, 2, 10, 16, 66, 12, false);
            gate.vectorsAreThoseOfTheStepsOneByOne(21, 2, 1, 4, 6, 10, 6, true);
            gate.vectorsAreThoseOfTheStepsOneByOne(5, 2, 1, 4, 24, 10, 6, true); // weights on their way at once
        });
    }

    @Test
    @Tag("slow")
    void vectorsOfTiles() {
        noticed(TileGateVectors.class, "fused", () -> {
            TileGateKernelsTest.check(37, 4, 2, 10, 64, 66, 12, 5, false);
            TileGateKernelsTest.check(21, 2, 1, 4, 64, 10, 6, 7, true);
            TileGateKernelsTest.check(70, 1, 1, 64, 128, 10, 6, 2, true);
        }, new Mutation(Mutation.Kind.INDEX_SHIFTED, 25, null)); // of weights left over, which tiles never have
    }

    @Test
    @Tag("slow")
    void vectorsOfPooledOnes() {
        noticed(PooledVectors.class, "mapped", () -> {
            TileGateKernelsTest.checkPooled(37, 4, 2, 10, 34, 66, 12, 5, false);
            TileGateKernelsTest.checkPooled(140, 2, 1, 4, 11, 10, 6, 7, true);
        });
        for (String helper : new String[] {"ahead", "aheadOfWeights"}) {
            helperNoticed(PooledVectors.class, helper,
                    () -> TileGateKernelsTest.checkPooled(140, 2, 1, 4, 11, 10, 6, 7, true));
        }
    }

    @Test
    @Tag("slow")
    void scores() {
        noticed(GateScore.class, "naive", () -> {
            gate.scoresOfOneHeadAreThoseOfTheReference(9, 16, 1, 8);
            gate.scoresOfOneHeadAreThoseOfTheReference(5, 8, 3, 12);
        });
    }

    @Test
    @Tag("slow")
    void selection() {
        noticed(TopSelection.class, "list", () -> {
            gate.theBestVectorOfABlockCounts(17, 33, 4, 65, true, 4, 0);
            gate.theLargestScoresAreKept(40, 16, 4, 2);
            gate.tiesGoToTheLowerIndex(63, 4, 7, 2, true);
            gate.longRowsAreReadFromScratch(1030, 33, 298);
            gate.longRowsAreReadFromScratch(1030, 2, 310);
            gate.aRowWithAScoreThatIsNotFiniteGetsNoList(true, 0, Float.NaN);
        });
        noticed(ThresholdSelection.class, "list", () -> {
            gate.theBestVectorOfABlockCounts(17, 33, 4, 65, false, 0, 0);
            gate.probabilitiesAboveTheThresholdAreKept(40, 33, 0.02f, 2, true);
            gate.probabilitiesAboveTheThresholdAreKept(40, 16, 0.3f, 2, false);
            gate.largeScoresDoNotOverflow();
            gate.probabilitiesAboveTheThresholdAreKept(140, 1, 0.005f, 2, true);
            gate.sigmoidsAboveTheThresholdAreKept(17, 16, 0.5f, 1, false);
            gate.theThresholdIsStrict(0.25f);
            gate.aRowWithAScoreThatIsNotFiniteGetsNoList(false, 0, Float.NaN);
        });
    }

    @Test
    @Tag("slow")
    void selectionByWarps() {
        noticed(TopSelectionWarps.class, "list", () -> {
            gate.theBestVectorOfABlockCounts(17, 33, 4, 65, true, 4, 0);
            gate.theLargestScoresAreKept(40, 16, 4, 2);
            gate.tiesGoToTheLowerIndex(63, 4, 7, 2, true);
            gate.longRowsAreReadFromScratch(1030, 33, 298);
            gate.longRowsAreReadFromScratch(1030, 2, 310);
            gate.aRowWithAScoreThatIsNotFiniteGetsNoList(true, 0, Float.NaN);
        });
        noticed(ThresholdSelectionWarps.class, "list", () -> {
            gate.theBestVectorOfABlockCounts(17, 33, 4, 65, false, 0, 0);
            gate.probabilitiesAboveTheThresholdAreKept(40, 33, 0.02f, 2, true);
            gate.probabilitiesAboveTheThresholdAreKept(40, 16, 0.3f, 2, false);
            gate.largeScoresDoNotOverflow();
            gate.probabilitiesAboveTheThresholdAreKept(140, 1, 0.005f, 2, true);
            gate.sigmoidsAboveTheThresholdAreKept(17, 16, 0.5f, 1, false);
            gate.theThresholdIsStrict(0.25f);
            gate.aRowWithAScoreThatIsNotFiniteGetsNoList(false, 0, Float.NaN);
        });
    }

    @Test
    @Tag("slow")
    void lists() {
        noticed(BlockLists.class, "dense", () -> gate.denseListsHoldEveryCausalBlock(3, 2, 7));
        noticed(BlockLists.class, "pack", () -> lists.listsAreTakenTogether(70, 7, 3));
        noticed(BlockLists.class, "count", () -> lists.blocksOfEachMaskAreCounted(3, 200));
    }
}
