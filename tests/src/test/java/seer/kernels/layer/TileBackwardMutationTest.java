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
        operationsNoticed(WeightSlopeMma.class, "tiles", () -> test.weightsGetTheirSlopes(190, 64, 64, 192, 0));
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
        noticed(TileHeadJoin.class, "ints", () -> test.headsAreJoined(65, 4, 2, 64));
    }
}
