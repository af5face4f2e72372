package seer.kernels.warp;

import static seer.kernels.Mutations.noticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is missing between the groups of a cluster, or one place off, does not go unnoticed. Only on the simulator.
class OperationMutationTest {

    @Test
    @Tag("slow")
    void copiesToBothGroups() {
        noticed(OperationKernels.class, "copyToBoth", () -> OperationTest.copyToBoth(1, 4));
    }
}
