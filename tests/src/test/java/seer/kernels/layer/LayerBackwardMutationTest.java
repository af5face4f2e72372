package seer.kernels.layer;

import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.slipsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice each barrier that is missing from the gradients' kernels or orders the other memory,
/// and each index that is off by one. Only on the simulator.
class LayerBackwardMutationTest {
    private final LayerBackwardKernelsTest layers = new LayerBackwardKernelsTest();

    /// The quick ones, in every run.
    @Test
    void kindsOfBarriersAndClearing() {
        slipsNoticed(RmsNormBackward.class, "strips", () -> layers.normsGoBack(2, 100, 0, true));
        slipsNoticed(ColumnSum.class, "total", () -> layers.partsAreAddedUp(20, 40));
        slipsNoticed(TokenSlope.class, "grouped", () -> layers.logitsBecomeSlopes(2, 300));
        slipsNoticed(WeightSlope.class, "tiled", () -> layers.weightsGetTheirSlopes(17, 20, 5, 100, 1));
        slipsNoticed(WeightStep.class, "squares", () -> layers.squaresAreAddedUp(300, 1000));
    }

    @Test
    @Tag("slow")
    void weights() {
        noticed(WeightSlope.class, "tiled", () -> {
            layers.weightsGetTheirSlopes(17, 130, 5, 100, 1);
            layers.weightsGetTheirSlopes(65, 33, 129, 32, 0);
        });
        noticed(WeightStep.class, "change", () -> layers.weightsTakeAStep(700, 300, 0.5f, 0.9f));
        noticed(WeightStep.class, "squares", () -> layers.squaresAreAddedUp(1000, 260));
    }

    @Test
    @Tag("slow")
    void norms() {
        noticed(RmsNormBackward.class, "strips", () -> {
            layers.normsGoBack(67, 300, 1, true);
            layers.normsGoBack(3, 20, 0, false);
        });
        noticed(ColumnSum.class, "total", () -> layers.partsAreAddedUp(20, 40));
        noticed(ColumnSum.class, "parts", () -> layers.columnsAreSummed(7, 20, 3));
    }

    @Test
    @Tag("slow")
    void activations() {
        noticed(SwiGluBackward.class, "naive", () -> layers.gatesGoBack(5, 40));
    }

    @Test
    @Tag("slow")
    void tokens() {
        noticed(TokenSlope.class, "grouped", () -> layers.logitsBecomeSlopes(3, 300));
        noticed(EmbeddingBackward.class, "listed", () -> {
            layers.rowsAreAddedToTheirTokens(9, 5);
            layers.rowsAreAddedToTheirTokens(40, 70);
        });
    }

    @Test
    @Tag("slow")
    void moves() {
        noticed(Transpose.class, "naive", () -> layers.axesAreExchangedAndFilledUp(5, 7, 16));
        noticed(HeadJoin.class, "naive", () -> layers.headsAreJoined(5, 4, 2, 16));
    }
}
