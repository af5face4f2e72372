package seer.kernels.layer;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.slipsNoticed;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.kernels.Move;

/// The conformance tests notice each barrier that is missing from these kernels or orders the other memory, each index
/// that is off by one, and each array that is not cleared. Only on the simulator.
class LayerKernelsMutationTest {
    private final LayerKernelsTest layers = new LayerKernelsTest();

    /// The quick ones, in every run.
    @Test
    void kindsOfBarriersAndClearing() {
        slipsNoticed(MatMul.class, "tiled", () -> MatMulKernelTest.check(5, 12, 33, 4, 0, "tiled"));
        slipsNoticed(MatMul.class, "few", () -> MatMulKernelTest.check(3, 4, 33, 4, 0, "few"));
        slipsNoticed(RmsNorm.class, "grouped", () -> layers.rowsAreNormed(2, 100));
        slipsNoticed(TokenScore.class, "grouped", () -> layers.surpriseAndBestAreThoseOfTheLogits(2, 300));
    }

    @Test
    @Tag("slow")
    void matrixProducts() {
        for (String rung : List.of("naive", "tiled", "few")) {
            noticed(MatMul.class, rung, () -> MatMulKernelTest.check(20, 12, 33, 4, 1, rung));
        }
    }

    @Test
    @Tag("slow")
    void norms() {
        noticed(RmsNorm.class, "naive", () -> layers.rowsAreNormed(5, 16));
        noticed(RmsNorm.class, "grouped", () -> layers.rowsAreNormed(5, 100));
    }

    @Test
    @Tag("slow")
    void gatedProduct() {
        noticed(SwiGlu.class, "naive", () -> layers.gatesOpenTheirHalf(5, 40));
    }

    @Test
    @Tag("slow")
    void rotation() {
        Runnable check = () -> {
            layers.rotationStaysExactAtFarPositions(5, 3, 16, 1_000_000, 64);
            layers.whatIsBehindTheRotaryWidthIsCopied(8);
        };
        noticed(Rope.class, "naive", check);
        helperNoticed(Rope.class, "write", check);
    }

    @Test
    @Tag("slow")
    void sumsAndCopies() {
        noticed(Residual.class, "naive", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
        noticed(Move.class, "copy", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
        noticed(Move.class, "clear", () -> layers.sumsAndCopiesStayInTheirPlace(5, 16));
        noticed(Move.class, "widen", () -> layers.halvesAreWidened(20));
    }

    @Test
    @Tag("slow")
    void embedding() {
        noticed(Embedding.class, "naive", () -> layers.tokensBecomeTheirRows(5, 16));
    }

    @Test
    @Tag("slow")
    void headsApart() {
        noticed(HeadSplit.class, "naive", () -> {
            layers.headsAreTakenApart(5, 4, 2, 16, true);
            layers.headsAreTakenApart(5, 4, 2, 16, false);
        });
    }

    @Test
    @Tag("slow")
    void cacheAppend() {
        noticed(CacheAppend.class, "naive", () -> {
            layers.keysAreTurnedAndValuesCopiedIntoTheCache(5, 2, 16, 12, 3);
            layers.keysAreTurnedAndValuesCopiedIntoTheCache(5, 2, 12, 0, 7);
        });
    }

    @Test
    @Tag("slow")
    void tokenScores() {
        noticed(TokenScore.class, "grouped", () -> layers.surpriseAndBestAreThoseOfTheLogits(5, 1000));
    }

    @Test
    @Tag("slow")
    void brokenRows() {
        noticed(BrokenRows.class, "grouped", () -> {
            layers.theFirstRowThatIsBrokenIsFound(5, 130, 3, 129, Float.NaN);
            layers.theFirstRowThatIsBrokenIsFound(65, 257, 40, 128, 1.1f);
        });
    }
}
