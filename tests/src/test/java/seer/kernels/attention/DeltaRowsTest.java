package seer.kernels.attention;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.Conformance;

/// Delta rows against the reference.
@Conformance
class DeltaRowsTest {

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1, 16, 64, 1", "65, 0, 2, 1, 16, 64, 1", "150, 10, 4, 2, 16, 5, 3",
        "70, 128, 2, 2, 64, 64, 2", "130, 64, 1, 1, 7, 2, 4", "9, 400, 1, 1, 160, 16, 5"})
    void anySize(int rows, int offset, int H, int G, int D, int spacing, int splits) {
        new DeltaProblem(rows, offset, H, G, D, spacing).checkFloats(splits);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 512, 2, 1, 128, 64, 3", "1000, 96, 1, 1, 16, 8, 2"})
    void longPrompts(int rows, int offset, int H, int G, int D, int spacing, int splits) {
        new DeltaProblem(rows, offset, H, G, D, spacing).checkFloats(splits);
    }
}
