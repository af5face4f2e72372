package seer.kernels;

import static seer.kernels.Mutations.noticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests of the gate's and the layers' kernels notice each barrier that is missing and each index that
/// is off by one. Only on the simulator.
@Tag("slow")
class LayerKernelsMutationTest {
    private final LayerKernelsTest layers = new LayerKernelsTest();
    private final GateKernelsTest gate = new GateKernelsTest();

    @Test
    void norms() {
        noticed(RmsNorm.class, "naive", () -> layers.rowsAreNormed(5, 16));
        noticed(RmsNorm.class, "grouped", () -> layers.rowsAreNormed(5, 100));
    }

    @Test
    void gatedProduct() {
        noticed(SwiGlu.class, "naive", () -> layers.gatesOpenTheirHalf(5, 40));
    }

    @Test
    void rotation() {
        noticed(Rope.class, "naive", () -> {
            layers.rotationStaysExactAtFarPositions(5, 3, 16, 1_000_000, 64);
            layers.whatIsBehindTheRotaryWidthIsCopied(8);
        });
    }

    @Test
    void sumsAndCopies() {
        noticed(Residual.class, "naive", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
        noticed(Move.class, "copy", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
        noticed(Move.class, "clear", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
    }

    @Test
    void embedding() {
        noticed(Embedding.class, "naive", () -> layers.tokensBecomeTheirRows(5, 16));
    }

    @Test
    void headsApart() {
        noticed(HeadSplit.class, "naive", () -> {
            layers.headsAreTakenApart(5, 4, 2, 16, true);
            layers.headsAreTakenApart(5, 4, 2, 16, false);
        });
    }

    @Test
    void tokenScores() {
        noticed(TokenScore.class, "grouped", () -> layers.surpriseAndBestAreThoseOfTheLogits(5, 1000));
    }

    @Test
    void brokenRows() {
        noticed(BrokenRows.class, "grouped", () -> {
            layers.theFirstRowThatIsBrokenIsFound(5, 130, 3, 129, Float.NaN);
            layers.theFirstRowThatIsBrokenIsFound(65, 257, 40, 128, 1.1f);
        });
    }

    @Test
    void pooling() {
        noticed(BlockPooling.class, "naive", () -> gate.poolingSeesRealTokensOnly(21, 2, 8, 16));
    }

    @Test
    void gateProjection() {
        for (String rung : new String[] {"naive", "rows"}) {
            noticed(GateProjection.class, rung, () -> {
                gate.headsAreProjectedByTheirOwnWeights(3, 8, 1, 48, 16);
                gate.headsAreProjectedByTheirOwnWeights(17, 4, 2, 48, 16);
            });
        }
    }

    @Test
    void gateVectors() {
        noticed(GateVectors.class, "fused", () -> {
            gate.vectorsAreThoseOfTheStepsOneByOne(37, 4, 2, 10, 16, 66, 12, false);
            gate.vectorsAreThoseOfTheStepsOneByOne(21, 2, 1, 4, 6, 10, 6, true);
        });
    }

    @Test
    void gateScores() {
        noticed(GateScore.class, "naive", () -> gate.scoresOfOneHeadAreThoseOfTheReference(9, 16));
    }

    @Test
    void selection() {
        noticed(TopSelection.class, "list", () -> {
            gate.theLargestScoresAreKept(40, 16, 4, 2);
            gate.tiesGoToTheLowerIndex(63, 4, 7, 2, true);
            gate.longRowsAreReadFromScratch(1030, 33, 298);
            gate.longRowsAreReadFromScratch(1030, 2, 310);
            gate.aRowWithAScoreThatIsNotFiniteGetsNoList(true, 0, Float.NaN);
        });
        noticed(ThresholdSelection.class, "list", () -> {
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
    void lists() {
        noticed(BlockLists.class, "dense", () -> gate.denseListsHoldEveryCausalBlock(3, 2, 7));
    }
}
