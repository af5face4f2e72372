package seer.kernels.attention;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;
import static seer.kernels.Mutations.operationsNoticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The conformance tests notice what is missing from the kernels of attention's gradient on tensor cores, or off by
/// one. Only on the simulator.
class TileAttentionBackwardMutationTest {

    private static void queries() {
        TileAttentionBackwardTest.queries(190, 4, 2, 64, 64);
    }

    private static void keys() {
        TileAttentionBackwardTest.keys(190, 4, 2, 64, 64);
    }

    /// Three parts and two, of lists of one to three tiles.
    private static void shared() {
        TileAttentionBackwardTest.shared(190, 2, 1, 64, 64, 2, 3, 1);
        TileAttentionBackwardTest.shared(130, 1, 1, 128, 128, 2, 2, 1);
    }

    /// The quick ones, in every run.
    @Test
    void operationsThatAreMissing() {
        operationsNoticed(BlockSparseAttentionBackwardMma.class, "queries",
                () -> TileAttentionBackwardTest.queries(190, 1, 1, 64, 64));
        operationsNoticed(BlockSparseAttentionBackwardMma.class, "keys",
                () -> TileAttentionBackwardTest.keys(190, 1, 1, 64, 64));
    }

    @Test
    @Tag("slow")
    void whatIsMissingOrOffByOne() {
        noticed(BlockSparseAttentionBackwardMma.class, "queries", () -> {
            queries();
            TileAttentionBackwardTest.queries(130, 1, 1, 128, 128);
            shared();
        });
        noticed(BlockSparseAttentionBackwardMma.class, "keys", () -> {
            keys();
            TileAttentionBackwardTest.keys(130, 1, 1, 128, 128);
        });
        for (String helper : new String[] {"visit", "load", "bring", "scores", "add"}) {
            helperNoticed(BlockSparseAttentionBackwardMma.class, helper, TileAttentionBackwardMutationTest::keys);
        }
        for (String helper : new String[] {"deltas", "store"}) {
            helperNoticed(BlockSparseAttentionBackwardMma.class, helper, TileAttentionBackwardMutationTest::queries);
        }
        noticed(KeySlopes.class, "tiles",
                () -> new TileAttentionBackwardTest().sumsOfPartsAreAddedUp(130, 2, 64, 128));
    }

    @Test
    @Tag("slow")
    void partsOfTheLastRows() {
        noticed(LongRows.class, "add", TileAttentionBackwardMutationTest::shared);
    }
}
