package seer.kernels.attention;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.slipsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice each barrier that is missing from these kernels or orders the other memory, each index
/// that is off by one, and each array that is not cleared. Only on the simulator.
class AttentionKernelsMutationTest {
    private final AttentionKernelsTest test = new AttentionKernelsTest();

    /// The quick ones, in every run.
    @Test
    void kindsOfBarriersAndClearing() {
        slipsNoticed(BlockSparseAttention.class, "naive",
                () -> new AttentionProblem(5, 0, 1, 1, 16, 8).check(AttentionRung.NAIVE, true));
        slipsNoticed(BlockSparseAttentionBlocked.class, "blocked",
                () -> new AttentionProblem(40, 0, 1, 1, 64, 64).check(AttentionRung.BLOCKED, false));
        slipsNoticed(BlockSparseAttentionTiled.class, "tiled",
                () -> new AttentionProblem(17, 0, 1, 1, 64, 8).check(AttentionRung.TILED, true));
        slipsNoticed(OneQueryAttention.class, "part",
                () -> AttentionKernelsTest.checkOneQuery(300, 1, 1, 16, 1, 64, 0));
        slipsNoticed(PooledAttention.class, "tiled", () -> AttentionKernelsTest.checkMap(20, 0, 32, 16, "tiled"));
        slipsNoticed(AttentionMass.class, "tiled",
                () -> AttentionKernelsTest.checkMass(20, 0, 32, 16, AttentionMass.ROOT, "tiled"));
    }

    @Test
    @Tag("slow")
    void tiledAttention() {
        noticed(BlockSparseAttentionTiled.class, "tiled", () -> {
            new AttentionProblem(70, 64, 2, 2, 64, 64).check(AttentionRung.TILED, true);
            new AttentionProblem(5, 0, 2, 1, 16, 8).check(AttentionRung.TILED, true, false);
        });
    }

    @Test
    @Tag("slow")
    void blockedAttention() {
        noticed(BlockSparseAttentionBlocked.class, "blocked", () -> {
            new AttentionProblem(70, 64, 2, 2, 64, 64).check(AttentionRung.BLOCKED, true);
            new AttentionProblem(10, 140, 1, 1, 16, 64).check(AttentionRung.BLOCKED, false);
            new AttentionProblem(5, 0, 2, 1, 16, 8).check(AttentionRung.BLOCKED, true, false);
        });
    }

    @Test
    @Tag("slow")
    void naiveAttention() {
        noticed(BlockSparseAttention.class, "naive", () -> {
            new AttentionProblem(20, 16, 4, 2, 16, 16).check(AttentionRung.NAIVE, true);
            new AttentionProblem(5, 0, 2, 1, 16, 8).check(AttentionRung.NAIVE, true, false);
        });
    }

    @Test
    @Tag("slow")
    void oneQuery() {
        Runnable check = () -> {
            AttentionKernelsTest.checkOneQuery(300, 4, 2, 16, 2, 64, 0);
            AttentionKernelsTest.checkOneQuery(300, 4, 2, 16, 2, 5, 2);
            AttentionKernelsTest.checkOneQuery(130, 2, 1, 16, 2, 16, 1);
        };
        noticed(OneQueryAttention.class, "part", check);
        noticed(OneQueryAttention.class, "merge", check);
        helperNoticed(BlockLists.class, "keys", check);
        helperNoticed(BlockLists.class, "key", check);
    }

    @Test
    @Tag("slow")
    void pooledMap() {
        noticed(PooledAttention.class, "tiled", () -> AttentionKernelsTest.checkMap(70, 16, 32, 16, "tiled"));
        noticed(PooledAttention.class, "naive", () -> AttentionKernelsTest.checkMap(70, 16, 32, 16, "naive"));
    }

    @Test
    @Tag("slow")
    void massMap() {
        noticed(AttentionMass.class, "tiled", () -> {
            AttentionKernelsTest.checkMass(70, 16, 32, 16, AttentionMass.ROOT, "tiled");
            AttentionKernelsTest.checkMass(140, 0, 16, 128, AttentionMass.PEAK, "tiled");
        });
        noticed(AttentionMass.class, "naive",
                () -> AttentionKernelsTest.checkMass(70, 16, 32, 16, AttentionMass.ROOT, "naive"));
    }
}
