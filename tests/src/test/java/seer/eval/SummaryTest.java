package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From samples to rows, to files and back.
class SummaryTest {
    @TempDir
    private Path folder;

    private static SampleKey key(Measure measure, String selector, int lastRows, int item) {
        return new SampleKey(measure, "a, \"text\"", 64, selector, lastRows, "item " + item);
    }

    private static Sample sample(double value, double density, double ms) {
        return new Sample(value, 1, density, ms, 2 * ms, 3 * ms, Map.of("head 1", value / 2));
    }

    private static Samples retrieval() {
        var samples = new Samples();
        double[] dense = {1, 1, 0.5};
        double[] gate = {0.5, 1, 0};
        for (int i = 0; i < 3; i++) {
            samples.put(key(Measure.RETRIEVAL, "dense", 0, i), sample(dense[i], 1, 10));
            samples.put(key(Measure.RETRIEVAL, "gate:density=0.1", 2, i), sample(gate[i], 0.1 * (i + 1), i));
        }
        samples.put(key(Measure.RETRIEVAL, "dense", 0, 3), sample(1, 1, 10)); // the gate has not read it
        return samples;
    }

    @Test
    void samplesOfProcessesThatSharedTheWorkAreJoined() {
        var all = retrieval();
        var here = new Samples();
        var there = new Samples();
        int taken = 0;
        for (var each : all.all().entrySet()) {
            if (taken % 3 != 0) {
                here.put(each.getKey(), each.getValue());
            }
            if (taken++ % 3 != 1) { // some were measured by both, at other speed
                var sample = each.getValue();
                there.put(each.getKey(), new Sample(sample.value(), 1, sample.density(), 99, 99, 99, Map.of()));
            }
        }
        here.merge(there);
        assertEquals(all.all().keySet(), here.all().keySet());
        all.all().forEach((key, sample) -> assertEquals(sample.value(), here.get(key).value()));
        var both = key(Measure.RETRIEVAL, "dense", 0, 1);
        assertEquals(10, here.get(both).selectionMs(), "the first measurement stays");
    }

    @Test
    void samplesThatContradictEachOtherAreNotJoined() {
        var here = retrieval();
        var there = new Samples();
        there.put(key(Measure.RETRIEVAL, "oracle", 0, 0), sample(1, 1, 10));
        there.put(key(Measure.RETRIEVAL, "dense", 0, 2), sample(0.75, 1, 10));
        String message = assertThrows(IllegalArgumentException.class, () -> here.merge(there)).getMessage();
        assertTrue(message.contains("item 2, with dense is 0.5 here and 0.75 there"), message);
        assertEquals(retrieval().all().keySet(), here.all().keySet());
    }

    @Test
    void differencesArePairedAndDenseAttentionNeedsNoLastRows() {
        var rows = Summary.rows(retrieval(), label -> "dense");
        assertEquals(2, rows.size());
        assertNull(rows.get(0).difference());
        var row = rows.get(1);
        assertEquals("dense", row.baseline());
        assertEquals(3, row.n());
        assertEquals(0.2, row.density(), 1e-12);
        assertEquals(1, row.selectionMs()); // the median of 0, 1 and 2
        // differences -0.5, 0, -0.5: mean -1/3, s = 0.288675, t(2) = 4.302653
        assertEquals(-1.0 / 3, row.difference().mean(), 1e-12);
        assertEquals(-1.0 / 3 + 4.302653 * 0.288675 / Math.sqrt(3), row.difference().high(), 1e-5);
        assertEquals(0, row.bootstrap().high(), 1e-12);
    }

    @Test
    void perplexityIsTheExponentialAndItsDifferenceALogarithm() {
        var samples = new Samples();
        for (int i = 0; i < 2; i++) {
            samples.put(key(Measure.PERPLEXITY, "dense", 0, i), sample(3 + i, 1, 1));
            samples.put(key(Measure.PERPLEXITY, "other", 0, i), sample(3.25 + i, 1, 1));
        }
        var rows = Summary.rows(samples, label -> "dense");
        assertEquals(Math.exp(3.5), rows.get(0).value().mean(), 1e-9);
        assertEquals(Math.exp(3.5 + 12.706205 * Math.sqrt(0.5 / 2)), rows.get(0).value().high(), 1);
        assertEquals(0.25, rows.get(1).difference().mean(), 1e-12);
    }

    @Test
    void partsBecomeRows() {
        var rows = Summary.parts(retrieval());
        assertEquals("a, \"text\" head 1", rows.getFirst().key().task());
        assertEquals(3.5 / 4 / 2, rows.getFirst().value().mean(), 1e-12);
    }

    @Test
    void samplesSurviveTheFile() throws IOException {
        Path file = folder.resolve("samples.csv");
        var samples = retrieval();
        samples.put(key(Measure.RECALL, "x", 0, 0), new Sample(0.1 + 0.2, 1, 0.5, 1, 2, Double.NaN, Map.of()));
        samples.write(file, "run 1");
        var read = Samples.read(file, "run 1");
        assertEquals(samples.all().keySet(), read.all().keySet());
        assertEquals(0.1 + 0.2, read.get(key(Measure.RECALL, "x", 0, 0)).value());
        assertTrue(Double.isNaN(read.get(key(Measure.RECALL, "x", 0, 0)).prefillMs()));
        assertEquals(samples.all().size(), Samples.read(file, null).all().size());
        var e = assertThrows(IllegalArgumentException.class, () -> Samples.read(file, "run 2"));
        assertTrue(e.getMessage().contains("run 1") && e.getMessage().contains("run 2"), e.getMessage());
        Files.writeString(file, Files.readString(file).replaceFirst(",64,", ",many,"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Samples.read(file, null)).getMessage()
                .contains("no number"));
        Files.writeString(file, "a,b\n1,2\n");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Samples.read(file, null)).getMessage()
                .contains("columns [a, b]"));
    }

    @Test
    void tablesInAllThreeForms() throws IOException {
        var row = new EvalRow(key(Measure.RETRIEVAL, "gate:density=0.1", 0, 0).group(), 1,
                new Interval(0.5, Double.NaN, Double.NaN), 0.25, 1.5, 2.5, Double.NaN, null, null, null);
        var table = new EvalTable(List.of(row));
        assertEquals("""
                | measure | task | tokens | selector | dense last rows | n | value | density | selection ms \
                | attention ms |
                |---|---|--:|---|--:|--:|--:|--:|--:|--:|
                | retrieval | a, "text" | 64 | gate:density=0.1 | 0 | 1 | 0.5000 | 0.2500 | 1.5 | 2.5 |
                """, table.markdown());
        String[] csv = table.csv().split("\r\n");
        assertTrue(csv[0].startsWith("measure,task,tokens,selector,dense_last_rows,n,value,ci95_low,ci95_high,"),
                csv[0]);
        assertEquals("retrieval,\"a, \"\"text\"\"\",64,gate:density=0.1,0,1,0.5,,,0.25,1.5,2.5,,,,,,,", csv[1]);
        var json = new ObjectMapper().valueToTree(table.objects()).get(0);
        assertEquals(0.25, json.get("density").asDouble());
        assertEquals(10, json.size(), json.toString());
    }

    @Test
    void plotsAreWrittenAsPngAndSvg() throws Exception {
        new QualityPlot(Summary.rows(retrieval(), label -> null), QualityPlot.Axis.DENSITY)
                .write(folder.resolve("plot.svg"));
        assertTrue(javax.imageio.ImageIO.read(folder.resolve("plot.png").toFile()).getWidth() >= 1280);
        var svg = Files.readString(folder.resolve("plot.svg"));
        assertTrue(svg.contains("</svg>") && svg.contains("<svg"), svg.substring(0, 100));
        assertEquals("gate:threshold", QualityPlot.method("gate:threshold@0.1"));
        assertEquals("gate", QualityPlot.method("gate:density=0.1"));
        assertThrows(IllegalArgumentException.class, () -> new QualityPlot(List.of(), QualityPlot.Axis.TIME));
    }
}
