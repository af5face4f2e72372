package seer.kernels;

import static seer.kernels.Mutations.noticed;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice each barrier that is missing from these kernels and each index that is off by one.
/// Only on the simulator.
@Tag("slow")
class AttentionKernelsMutationTest {

    @Test
    void tiledAttention() {
        noticed(BlockSparseAttentionTiled.class, "tiled", () -> {
            new AttentionProblem(70, 64, 2, 2, 64, 64).check("tiled", true);
            new AttentionProblem(5, 0, 2, 1, 16, 8).check("tiled", true, false);
        });
    }

    @Test
    void naiveAttention() {
        noticed(BlockSparseAttention.class, "naive", () -> {
            new AttentionProblem(20, 16, 4, 2, 16, 16).check("naive", true);
            new AttentionProblem(5, 0, 2, 1, 16, 8).check("naive", true, false);
        });
    }

    @Test
    void oneQuery() {
        var test = new AttentionKernelsTest();
        noticed(OneQueryAttention.class, "part",
                () -> test.oneQueryIsTheLastRowOfDenseAttention(300, 4, 2, 16, 2));
        noticed(OneQueryAttention.class, "merge",
                () -> test.oneQueryIsTheLastRowOfDenseAttention(130, 2, 1, 16, 2));
    }

    @Test
    void pooledMap() {
        noticed(PooledAttention.class, "tiled", () -> AttentionKernelsTest.checkMap(70, 16, 32, 16, "tiled"));
        noticed(PooledAttention.class, "naive", () -> AttentionKernelsTest.checkMap(70, 16, 32, 16, "naive"));
    }

    @Test
    void matrixProducts() {
        for (String rung : List.of("naive", "tiled", "few")) {
            noticed(MatMul.class, rung, () -> MatMulKernelTest.check(20, 12, 33, 4, 1, rung));
        }
    }
}
