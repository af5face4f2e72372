package seer.kernels.attention;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.Conformance;
import seer.support.OnTensorCores;

/// Delta rows on tensor cores against the reference.
@Conformance
@OnTensorCores
class TileDeltaRowsTest {

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1, 64, 64, 1", "65, 0, 2, 1, 128, 64, 1", "150, 60, 2, 1, 64, 5, 3",
        "70, 128, 4, 2, 64, 64, 2", "160, 64, 1, 1, 64, 2, 4"})
    void anySize(int rows, int offset, int H, int G, int D, int spacing, int splits) {
        new DeltaProblem(rows, offset, H, G, D, spacing).checkTiles(splits);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 512, 2, 1, 128, 8, 3"})
    void longPrompts(int rows, int offset, int H, int G, int D, int spacing, int splits) {
        new DeltaProblem(rows, offset, H, G, D, spacing).checkTiles(splits);
    }
}
