package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import seer.model.backend.ElementType;
import seer.run.bench.Growth;
import seer.run.bench.PrefillRow;
import seer.run.bench.PrefillTest;
import seer.run.bench.Timing;

/// Rows of a benchmark appear one by one, in each form that allows it.
class BenchRowsTest {
    private static final String SPARSE = "gate:density=0.1";
    private static final PrefillRow BEFORE = row("pp1000@d0.1", SPARSE, 2);
    private static final PrefillRow DENSE = row("pp1000", Growth.DENSE, 6);
    private static final PrefillRow AFTER = row("pp1000@d0.2", "gate:density=0.2", 3);

    private final StringWriter text = new StringWriter();

    private static PrefillRow row(String test, String selector, double millis) {
        return new PrefillRow(PrefillTest.parse(test), "m", selector, new double[] {0.1}, ElementType.F32,
                new Timing(millis), new Timing(1), new Timing(0.5), 12, Map.of(), 0);
    }

    private static BenchHead head(Map<String, String> kernels) {
        return new BenchHead("1.0", null, new Result.Machine("cpu", "a device", "some", 2, "25", kernels), "f32",
                List.of("about all"));
    }

    private BenchRows<PrefillRow> rows(BenchOutput.Format format) {
        var rows = new BenchRows<>(format, head(Map.of()), PrefillRow::table, List.of(PrefillRow.SPEEDUP),
                new PrintWriter(text));
        rows.begin();
        return rows;
    }

    /// What came since the last look.
    private String fresh() {
        String fresh = text.toString();
        text.getBuffer().setLength(0);
        return fresh;
    }

    private void end(BenchRows<PrefillRow> rows) {
        var growth = PrefillRow.growth(rows.rows());
        rows.end("bench prefill", head(Map.of("products", "wide")),
                growth.stream().flatMap(line -> line.sentence(growth).stream()).toList());
    }

    @Test
    void markdownHasItsHeaderWithTheFirstRow() {
        var rows = rows(BenchOutput.Format.md);
        assertTrue(fresh().startsWith("seer 1.0, f32\nbackend cpu on a device"));
        rows.add(BEFORE);
        List<String> first = fresh().lines().toList();
        assertEquals(3, first.size(), first.toString());
        assertTrue(first.get(0).startsWith("| model | test |") && first.get(0).endsWith("| times faster than dense |"),
                first.get(0));
        assertTrue(first.get(2).contains("| pp1000@d0.1 |") && first.get(2).endsWith("| 12 |  |"), first.get(2));
        rows.add(DENSE);
        assertTrue(fresh().endsWith("| 12 | 1.00 |\n"));
        rows.add(AFTER);
        assertTrue(fresh().matches("[|] m [|] pp1000@d0.2 [|][^\n]*[|] 2.00 [|]\n"));
        end(rows);
        String always = "; faster than dense at every length, from 1,000 tokens on";
        assertEquals(List.of("", "kernels: products wide",
                "- gate:density=0.1: 3.00 times as fast as dense at 1,000 tokens" + always,
                "- gate:density=0.2: 2.00 times as fast as dense at 1,000 tokens" + always), fresh().lines().toList());
    }

    @Test
    void linesForProgramsNameTheMachineAndComeAtOnce() {
        var csv = rows(BenchOutput.Format.csv);
        csv.add(BEFORE);
        List<String> first = fresh().lines().toList();
        assertEquals(2, first.size(), first.toString());
        assertTrue(first.get(0).startsWith("seer,commit,jdk,backend,") && first.get(1).startsWith("1.0,,25,cpu,"),
                first.toString());
        csv.add(DENSE);
        assertEquals(1, fresh().lines().count());
        end(csv);
        assertEquals("", fresh());
        var lines = rows(BenchOutput.Format.jsonl);
        lines.add(DENSE);
        assertTrue(fresh().matches("\\{\"seer\":\"1.0\",.*\"times_faster_than_dense\":1.0}\n"));
        end(lines);
        assertEquals("", fresh());
    }

    @Test
    void jsonIsOneValueInTheEndThatKnowsAll() throws IOException {
        var rows = rows(BenchOutput.Format.json);
        rows.add(BEFORE);
        rows.add(DENSE);
        assertEquals("", fresh());
        end(rows);
        JsonNode report = new ObjectMapper().readTree(fresh());
        assertEquals(3.0, report.at("/rows/0/times_faster_than_dense").asDouble());
        assertEquals("wide", report.at("/head/machine/kernels/products").asText());
        assertEquals(1, report.get("growth").size());
    }
}
