package seer.kernels.attention;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.operationsNoticed;
import static seer.kernels.attention.TileAttentionBackwardTest.keys;
import static seer.kernels.attention.TileAttentionBackwardTest.queries;
import static seer.kernels.attention.TileAttentionBackwardTest.shared;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The tests of attention's gradient on tensor cores notice each operation of a warp that is missing, each place that
/// is another one, and each index that is off by one. Only on the simulator.
class TileAttentionBackwardMutationTest {
    private final TileAttentionBackwardTest tests = new TileAttentionBackwardTest();

    /// The quick ones, in every run.
    @Test
    void operationsThatAreMissing() {
        operationsNoticed(BlockSparseAttentionBackwardMma.class, "queries", () -> queries(190, 1, 1, 64, 64));
        operationsNoticed(BlockSparseAttentionBackwardMma.class, "keys", () -> keys(190, 1, 1, 64, 64));
    }

    @Test
    @Tag("slow")
    void whatIsMissingOrOffByOne() {
        noticed(BlockSparseAttentionBackwardMma.class, "queries", () -> {
            queries(190, 4, 2, 64, 64);
            queries(130, 1, 1, 128, 128);
        });
        noticed(BlockSparseAttentionBackwardMma.class, "keys", () -> {
            keys(190, 4, 2, 64, 64);
            keys(130, 1, 1, 128, 128);
        });
        noticed(LongRows.class, "add", () -> {
            shared(190, 2, 1, 64, 64, 2, 3, 1);
            shared(130, 1, 1, 128, 128, 2, 2, 1);
        });
        for (String helper : new String[] {"visit", "load", "bring", "scores", "add"}) {
            helperNoticed(BlockSparseAttentionBackwardMma.class, helper, () -> keys(190, 4, 2, 64, 64));
        }
        for (String helper : new String[] {"deltas", "store"}) {
            helperNoticed(BlockSparseAttentionBackwardMma.class, helper, () -> queries(190, 4, 2, 64, 64));
        }
        noticed(KeySlopes.class, "tiles", () -> tests.sumsOfPartsAreAddedUp(130, 2, 64, 128));
    }
}
