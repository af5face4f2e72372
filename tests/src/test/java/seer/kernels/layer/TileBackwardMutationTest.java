package seer.kernels.layer;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.operationsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice what is missing from the gradients' kernels in tiles of bf16, or off by one. Only on
/// the simulator.
class TileBackwardMutationTest {
    private final TileBackwardKernelsTest test = new TileBackwardKernelsTest();

    /// The quick ones, in every run.
    @Test
    void operationsThatAreMissing() {
        operationsNoticed(WeightSlopeMma.class, "tiles", () -> test.weightsGetTheirSlopes(250, 64, 64, 256, 0));
    }

    @Test
    @Tag("slow")
    void weights() {
        noticed(WeightSlopeMma.class, "tiles", () -> {
            test.weightsGetTheirSlopes(250, 130, 200, 256, 1);
            test.weightsGetTheirSlopes(130, 130, 70, 64, 0);
        });
        for (String helper : new String[] {"multiply", "bring"}) {
            helperNoticed(WeightSlopeMma.class, helper, () -> {
                test.weightsGetTheirSlopes(250, 200, 130, 256, 1);
                test.weightsGetTheirSlopes(250, 130, 200, 128, 0);
            });
        }
    }

    @Test
    @Tag("slow")
    void moves() {
        noticed(TileTurn.class, "pairs", () -> test.axesAreExchanged(100, 130, 2, 1));
        noticed(TileMove.class, "packRows", () -> test.rowsBecomeWholeTiles(65, 131));
        noticed(TileSwiGluBackward.class, "pairs", () -> test.gatesGoBack(66, 130));
        noticed(TileHeadJoin.class, "turned", () -> {
            test.headsAreTurnedAndJoined(65, 4, 2, 64, 32, 50_000_000);
            test.headsAreTurnedAndJoined(5, 2, 1, 128, 128, 9);
        });
        noticed(TileWeights.class, "matrices", () -> test.weightsBecomeTilesBothWays(70, 130));
        noticed(TileWeights.class, "vectors", () -> test.vectorsAreTakenOver(200, 5));
    }
}
