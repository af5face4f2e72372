package seer.kernels.warp;

import static seer.kernels.Mutations.noticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is left out of a kernel of single operations, or one place off, does not go unnoticed. Only on the simulator.
class OperationMutationTest {

    @Test
    @Tag("slow")
    void copiesToBothGroups() {
        noticed(OperationKernels.class, "copyToBoth", () -> OperationTest.copyToBoth(1, 4));
    }

    @Test
    void fourElementsAtOnce() {
        noticed(OperationKernels.class, "quads", new OperationTest()::fourElementsAreReadWrittenAndAddedAtOnce);
    }
}
