package seer.kernels.layer;

import static seer.kernels.Mutations.helperNoticed;
import static seer.kernels.Mutations.noticed;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.kernels.attention.OneQueryTiles;
import seer.kernels.gate.TilePooling;

/// The conformance tests notice what is off by one in kernels that read any rows of tiles. Only on the simulator.
@Tag("slow")
class TileRotationMutationTest {

    private static void rotation() {
        TileRotationKernelsTest.check(5, 3, 61, 2, 64, 32, 61, 2);
        TileRotationKernelsTest.check(2, 0, 0, 1, 64, 64, 99_999_999, 1);
    }

    @Test
    void rotationOfAnyRows() {
        noticed(TileRotation.class, "turn", TileRotationMutationTest::rotation);
        noticed(TileRotation.class, "append", TileRotationMutationTest::rotation);
        helperNoticed(TileRotation.class, "turnFour", TileRotationMutationTest::rotation);
        helperNoticed(TileRotation.class, "write", TileRotationMutationTest::rotation);
    }

    @Test
    void poolingOfAnyRows() {
        noticed(TilePooling.class, "pairs", () -> {
            TileRotationKernelsTest.checkPooling(70, 60, 2, 64, 32, 7);
            TileRotationKernelsTest.checkPooling(70, 60, 2, 64, 32, 1);
            TileRotationKernelsTest.checkPooling(70, 60, 2, 64, 32, 2);
            TileRotationKernelsTest.checkPooling(70, 60, 2, 64, 32, 4);
        });
    }

    @Test
    void oneQuery() {
        Runnable check = () -> {
            TileRotationKernelsTest.checkOneQuery(300, 4, 2, 64, 2, 64, 0);
            TileRotationKernelsTest.checkOneQuery(300, 4, 2, 64, 2, 64, 2);
            TileRotationKernelsTest.checkOneQuery(130, 2, 1, 64, 2, 16, 1);
        };
        noticed(OneQueryTiles.class, "part", check);
        noticed(OneQueryTiles.class, "merge", check);
    }
}
