package seer.kernels.attention;

import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.slipsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice each barrier that is missing from the kernels of the gradient or orders the other
/// memory, each index that is off by one, and each array that is not cleared. Only on the simulator.
class AttentionBackwardMutationTest {

    /// The quick ones, in every run.
    @Test
    void kindsOfBarriersAndClearing() {
        slipsNoticed(BlockSparseAttentionBackward.class, "queries",
                () -> AttentionBackwardKernelsTest.queries(20, 1, 1, 4, 8, 1));
        slipsNoticed(BlockSparseAttentionBackward.class, "keys",
                () -> AttentionBackwardKernelsTest.keys(20, 1, 1, 4, 8, 1));
    }

    @Test
    @Tag("slow")
    void queries() {
        noticed(BlockSparseAttentionBackward.class, "queries", () -> {
            AttentionBackwardKernelsTest.queries(70, 4, 2, 64, 64, 1);
            AttentionBackwardKernelsTest.queries(21, 2, 1, 4, 8, 0);
            AttentionBackwardKernelsTest.queries(110, 1, 1, 4, 100, 1);
        });
    }

    @Test
    @Tag("slow")
    void keys() {
        noticed(BlockSparseAttentionBackward.class, "keys", () -> {
            AttentionBackwardKernelsTest.keys(70, 4, 2, 64, 64, 1);
            AttentionBackwardKernelsTest.keys(21, 2, 1, 4, 8, 0);
            AttentionBackwardKernelsTest.keys(150, 1, 1, 4, 140, 1);
        });
    }

    @Test
    @Tag("slow")
    void lists() {
        noticed(TransposedLists.class, "count", () -> AttentionBackwardKernelsTest.lists(4, 2, 70, 8));
        noticed(TransposedLists.class, "fill", () -> AttentionBackwardKernelsTest.lists(4, 2, 70, 8));
        noticed(TransposedLists.class, "split", () -> AttentionBackwardKernelsTest.lists(4, 2, 70, 8));
        noticed(KeySlopes.class, "floats", () -> new AttentionBackwardKernelsTest().sumsOfPartsAreAddedUp(130, 2, 4,
                100));
    }
}
