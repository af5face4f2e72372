package seer.run.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.CorrectionSpec;
import seer.model.backend.ElementType;

/// Tests as they are written, and the rows that come of them.
class PrefillTestTest {

    @Test
    void testsSayLengthAndRule() {
        assertEquals(new PrefillTest(8192, null, 1, null), PrefillTest.parse("pp8192"));
        assertEquals(new PrefillTest(8192, PrefillTest.Rule.DENSITY, 0.1, null), PrefillTest.parse("pp8192@d0.1"));
        assertEquals(new PrefillTest(1, PrefillTest.Rule.DENSITY, 1, null), PrefillTest.parse("pp1@d1"));
        assertEquals(new PrefillTest(32768, PrefillTest.Rule.THRESHOLD, 0.005, null),
                PrefillTest.parse("pp32768@t.005"));
        assertEquals(new PrefillTest(64, PrefillTest.Rule.DENSITY, 0.1, new CorrectionSpec.Rest()),
                PrefillTest.parse("pp64@d0.1+rest"));
        for (String text : List.of("pp512", "pp512@d0.1", "pp512@d1", "pp512@t0.005", "pp512@t0", "pp512@d0.1+rest",
            "pp512@t0.1+delta=32")) {
            assertEquals(text, PrefillTest.parse(text).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "512", "pp", "pp0", "pp-1", "pp512@", "pp512@d", "pp512@d0", "pp512@d1.1", "pp512@t1",
        "pp512@x0.1", "pp512@d0.1.2", "pp9999999999", "tg128", "pp512 ", "pp512@d1e-3", "pp512+rest",
        "pp512@d0.1+", "pp512@d0.1+rest+rest"})
    void whatIsNoTestIsQuoted(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> PrefillTest.parse(text));
        assertTrue(e.getMessage().startsWith("test is \"" + text + "\", wanted ppN"), e.getMessage());
    }

    private static PrefillRow row(String test, String selector, double... millis) {
        return new PrefillRow(PrefillTest.parse(test), "m", selector, new double[] {0.1, 0.3}, ElementType.F32,
                new Timing(millis), new Timing(1, 3), new Timing(0.5), 12, Map.of(), 3 << 20);
    }

    @Test
    void rowsSayRatesDensitiesAndBreakEven() {
        var table = PrefillRow.table(List.of(row("pp1000", "dense", 1), row("pp10000", "dense", 100),
                row("pp500@d0.1", "gate:density=0.1", 1.5), row("pp1000@d0.1", "gate:density=0.1", 2, 4),
                row("pp10000@d0.1", "gate:density=0.1", 30))).objects();
        var sparse = table.get(3);
        assertEquals("pp1000@d0.1", sparse.get("test"));
        assertEquals((1000 / 2e-3 + 1000 / 4e-3) / 2, (double) sparse.get("tokens_per_s"), 1e-6);
        assertEquals(0.2, (double) sparse.get("density"), 1e-12);
        assertEquals(0.1, (double) sparse.get("density_lowest_layer"));
        assertEquals(0.3, (double) sparse.get("density_highest_layer"));
        assertEquals(3000, (double) sparse.get("break_even_tokens"), 1e-6);
        assertEquals(1.0 / 3, (double) sparse.get("times_faster_than_dense"), 1e-12);
        assertEquals(2, (double) sparse.get("attention_ms"));
        assertEquals(3.0, (double) sparse.get("device_mib"));
        assertTrue(!table.get(2).containsKey("times_faster_than_dense"), "no dense row of that length");
    }

    @Test
    void namedShapesAreThoseOfTheirModels() {
        assertEquals(List.of("llama-3.1-8b", "llama-3.2-1b", "qwen2.5-7b"),
                java.util.Arrays.stream(NamedShape.values()).map(NamedShape::label).toList());
        assertTrue(NamedShape.named("llama-3.1-8b").isPresent() && NamedShape.named("llama").isEmpty());
    }
}
