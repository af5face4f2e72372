package seer.kernels.layer;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.sim.Mutation;

/// The conformance tests notice what is missing from the kernels in tiles of bf16, or off by one. Only on the
/// simulator.
class TileLayerMutationTest {
    private final TileLayerKernelsTest test = new TileLayerKernelsTest();

    /// More steps than twice the stages that they go through; rows and columns of two groups.
    private static void productsOnHopper() {
        TileProductKernelsTest.checkRows("wgmma", 130, 300, 600, 1, 4);
    }

    @Test
    @Tag("slow")
    void rowsOnHopper() {
        noticed(MatMulWgmma.class, "rows", TileLayerMutationTest::productsOnHopper);
        for (String helper : new String[] {"begin", "copyTiles", "multiply"}) {
            helperNoticed(MatMulWgmma.class, helper, TileLayerMutationTest::productsOnHopper);
        }
        helperNoticed(TileProduct.class, "putQuads", () -> {
            TileProductKernelsTest.checkRows("wgmma", 130, 140, 70, 1, 4);
            TileProductKernelsTest.checkRows("wgmma", 1, 4, 16, 0, 8);
        });
        helperNoticed(TileProduct.class, "putWide", () -> {
            TileProductKernelsTest.checkRows("wgmma", 70, 140, 70, 1, 4);
            TileProductKernelsTest.checkRows("wgmma", 70, 140, 70, 1, 5);
        });
        helperNoticed(TileProduct.class, "putRows", () -> TileProductKernelsTest.checkRows("wgmma", 70, 130, 70, 1));
    }

    @Test
    @Tag("slow")
    void headsAndSwiGluOnHopper() {
        noticed(MatMulWgmma.class, "heads", () -> TileProductKernelsTest.checkHeads("wgmma", 130, 70, 5, 2, 64, true));
        noticed(MatMulWgmma.class, "swiglu", () -> TileProductKernelsTest.checkSwiGlu("wgmma", 130, 192, 70));
        helperNoticed(TileProduct.class, "putHead", () -> {
            TileProductKernelsTest.checkHeads("wgmma", 70, 40, 2, 2, 128, true);
            TileProductKernelsTest.checkHeads("wgmma", 1, 40, 1, 1, 64, false);
        });
        helperNoticed(TileProduct.class, "addBias", () -> {
            TileProductKernelsTest.checkHeads("wgmma", 10, 40, 1, 1, 64, true);
            TileProductKernelsTest.checkHeads("wgmma", 1, 40, 1, 1, 64, false);
        });
        for (String helper : new String[] {"turnHalf", "putTurned"}) {
            helperNoticed(TileProduct.class, helper, () -> TileProductKernelsTest.checkSwiGlu("wgmma", 1, 64, 40));
        }
    }

    @Test
    @Tag("slow")
    void onAmpere() {
        noticed(MatMulMma.class, "rows", () -> TileProductKernelsTest.checkRows("mma", 130, 140, 70, 1));
        noticed(MatMulMma.class, "heads", () -> TileProductKernelsTest.checkHeads("mma", 130, 40, 2, 1, 64, true));
        noticed(MatMulMma.class, "swiglu", () -> TileProductKernelsTest.checkSwiGlu("mma", 130, 128, 40));
        for (String helper : new String[] {"multiply", "bring"}) {
            helperNoticed(MatMulMma.class, helper, () -> TileProductKernelsTest.checkRows("mma", 130, 140, 200, 1));
        }
    }

    private static void ropes() {
        TileLayerKernelsTest.checkRope(65, 64, 2, 2, 64, 48, 64, 7, 5, "both");
        TileLayerKernelsTest.checkRope(70, 64, 2, 1, 128, 128, 128, 6, 7, "both");
        TileLayerKernelsTest.checkRope(3, 99_999_936, 1, 1, 64, 64, 64, 1, 1, "keys");
        TileLayerKernelsTest.checkRope(3, 0, 1, 1, 64, 64, 64, 4, 4, "none");
        TileLayerKernelsTest.checkNorms(3, 1, 64);
    }

    @Test
    @Tag("slow")
    void thePassBeforeAttention() {
        noticed(TileRope.class, "fused", TileLayerMutationTest::ropes);
        for (String helper : new String[] {"wanted", "clear", "angles", "load", "store", "put"}) {
            helperNoticed(TileRope.class, helper, TileLayerMutationTest::ropes);
        }
        // Squares that go by 4, 5, 7, 11 and 19 lanes in place of 1, 2, 4, 8 and 16 come to all lanes too.
        helperNoticed(TileRope.class, "norm", TileLayerMutationTest::ropes,
                Mutation.ofHelper(TileRope.class, "norm").stream()
                        .filter(mutation -> mutation.kind() == Mutation.Kind.PLACE_SHIFTED).toArray(Mutation[]::new));
    }

    @Test
    @Tag("slow")
    void normRotationAndMoves() {
        noticed(TileNorm.class, "grouped", () -> test.normsAreTheReference(65, 300));
        noticed(TileEmbedding.class, "pairs", () -> test.tokensBecomeTheirRows(7, 130));
        for (String kernel : new String[] {"packFloats", "unpack"}) {
            noticed(TileMove.class, kernel, () -> test.matricesGoIntoTilesAndBack(70, 67));
        }
        noticed(TileMove.class, "packHalves", () -> test.matricesGoIntoTilesAndBack(1, 40));
        helperNoticed(TileMove.class, "place", () -> test.matricesGoIntoTilesAndBack(70, 67));
    }
}
