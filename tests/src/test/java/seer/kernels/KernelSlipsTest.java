package seer.kernels;

import static seer.kernels.Mutations.noticed;
import static seer.sim.Mutation.Kind.CONSTANT_REMOVED;
import static seer.sim.Mutation.Kind.FENCE_SWAPPED;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/// A barrier that orders the other memory, and an array that is not cleared, are noticed in every kernel where the
/// slip is possible; the smallest problems that go through all of a kernel suffice. Only on the simulator.
class KernelSlipsTest {
    private final LayerKernelsTest layers = new LayerKernelsTest();
    private final GateKernelsTest gate = new GateKernelsTest();

    private static void slips(Class<?> kernels, String kernel, Runnable check) {
        noticed(kernels, kernel, EnumSet.of(FENCE_SWAPPED, CONSTANT_REMOVED), check);
    }

    @Test
    void inAttention() {
        slips(BlockSparseAttention.class, "naive", () -> new AttentionProblem(5, 0, 1, 1, 16, 8).check("naive", true));
        slips(BlockSparseAttentionTiled.class, "tiled",
                () -> new AttentionProblem(17, 0, 1, 1, 64, 8).check("tiled", true));
        slips(OneQueryAttention.class, "part",
                () -> new AttentionKernelsTest().oneQueryIsTheLastRowOfDenseAttention(300, 1, 1, 16, 1));
        slips(PooledAttention.class, "tiled", () -> AttentionKernelsTest.checkMap(20, 0, 32, 16, "tiled"));
    }

    @Test
    void inProducts() {
        slips(MatMul.class, "tiled", () -> MatMulKernelTest.check(5, 12, 33, 4, 0, "tiled"));
        slips(MatMul.class, "few", () -> MatMulKernelTest.check(3, 4, 33, 4, 0, "few"));
    }

    @Test
    void inTheOtherLayers() {
        slips(RmsNorm.class, "grouped", () -> layers.rowsAreNormed(2, 100));
        slips(TokenScore.class, "grouped", () -> layers.surpriseAndBestAreThoseOfTheLogits(2, 300));
    }

    @Test
    void inTheGate() {
        slips(GateVectors.class, "fused", () -> {
            gate.vectorsAreThoseOfTheStepsOneByOne(9, 2, 1, 4, 6, 10, 6, true);
            gate.vectorsAreThoseOfTheStepsOneByOne(9, 2, 1, 4, 6, 10, 6, false);
        });
        slips(TopSelection.class, "list", () -> gate.tiesGoToTheLowerIndex(40, 2, 7, 2, true));
        slips(ThresholdSelection.class, "list",
                () -> gate.probabilitiesAboveTheThresholdAreKept(40, 33, 0.02f, 2, true));
    }
}
