package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A balance that tells things apart which always lie on it together.
class WeighingDesignTest {

    @ParameterizedTest
    @CsvSource({"1, 4", "4, 4", "5, 8", "6, 8", "9, 12", "32, 32", "33, 44", "270, 272"})
    void anyTwoThingsLieTogetherHalfOfTheTime(int things, int size) {
        var design = WeighingDesign.of(things);
        assertEquals(size, design.size());
        for (int first : new int[] {0, 3 * size}) {
            for (int a = 0; a < things; a++) {
                for (int b = 0; b < things; b++) {
                    int together = 0;
                    for (int weighing = first; weighing < first + size; weighing++) {
                        together += design.sign(weighing, a) * design.sign(weighing, b);
                    }
                    assertEquals(a == b ? size : 0, together, a + " and " + b);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"6", "32"})
    void aSecondRoundWeighsOtherThingsTogether(int things) {
        var design = WeighingDesign.of(things);
        int other = 0;
        for (int weighing = 0; weighing < design.size(); weighing++) {
            for (int thing = 0; thing < things; thing++) {
                other += design.sign(weighing, thing) == design.sign(weighing + design.size(), thing) ? 0 : 1;
            }
        }
        assertTrue(other > things * design.size() / 4, other + " differ");
    }
}
