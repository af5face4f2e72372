package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a picture of an evaluation shows.
class QualityPlotTest {
    private static final List<String> METHODS = List.of("dense", "gate", "gate:threshold", "oracle",
            "oracle:threshold", "antidiagonal", "flex", "verticalslash", "minmax", "meanpool", "ashape", "random");

    @TempDir
    private Path folder;

    private static EvalRow row(Measure measure, String selector, double value, double density, double ms) {
        return new EvalRow(new SampleKey(measure, measure.label() + " task", 64, selector, 0, ""), 9,
                new Interval(value, value, value), density, 1, 1, ms, null, null, null);
    }

    private static double apart(Color a, Color b) {
        return Math.hypot(Math.hypot(a.getRed() - b.getRed(), a.getGreen() - b.getGreen()),
                a.getBlue() - b.getBlue());
    }

    @Test
    void noTwoMethodsLookAlike() {
        var styles = List.copyOf(PlotStyle.of(METHODS).values());
        for (int i = 0; i < styles.size(); i++) {
            assertTrue(apart(styles.get(i).colour(), Color.WHITE) > 100, METHODS.get(i) + " on white");
            for (int j = 0; j < i; j++) {
                assertTrue(apart(styles.get(i).colour(), styles.get(j).colour()) > 60,
                        METHODS.get(i) + " and " + METHODS.get(j));
            }
        }
        var many = PlotStyle.of(IntStream.range(0, 40).mapToObj(i -> "method " + i).toList());
        assertEquals(40, many.values().stream().distinct().count(), "lines and markers tell more methods apart");
    }

    @Test
    void oneLegendServesAllPanels() throws IOException {
        var rows = new ArrayList<EvalRow>();
        for (var measure : List.of(Measure.PERPLEXITY, Measure.RECALL, Measure.RETRIEVAL)) {
            METHODS.forEach(method -> rows.add(row(measure, method.equals("dense") ? method : method + "@0.1",
                    0.5, method.equals("dense") ? 1 : 0.05, 10)));
        }
        var plot = new QualityPlot(rows, QualityPlot.Axis.DENSITY);
        assertEquals(3, plot.panels().size());
        plot.panels().forEach(panel -> assertFalse(panel.getStyler().isLegendVisible()));
        plot.write(folder.resolve("all"));
        String svg = Files.readString(folder.resolve("all.svg"));
        for (String method : METHODS) {
            assertEquals(2, svg.split(">" + method + "<", -1).length, method);
        }
    }

    @Test
    void ticksBetweenPowersOfTenAreNamedWhereThereIsRoom() {
        assertEquals(List.of("0.05", " ", "0.1", "0.2", "0.3", " ", "0.5", " ", "1", "0.001"),
                IntStream.of(50, 60, 100, 200, 300, 400, 500, 900, 1000, 1)
                        .mapToObj(value -> QualityPlot.density(value * 1e-3)).toList());
    }

    @Test
    void numbersBeyondAChartAreRefusedBeforeItIsPainted() {
        for (EvalRow absurd : List.of(row(Measure.PERPLEXITY, "gate", 1e300, 0.5, 1),
                row(Measure.PERPLEXITY, "gate", 3, 1e-300, 1))) {
            var e = assertThrows(IllegalArgumentException.class,
                    () -> new QualityPlot(List.of(absurd), QualityPlot.Axis.DENSITY));
            assertTrue(e.getMessage().contains("perplexity of perplexity task with gate"), e.getMessage());
        }
        assertThrows(IllegalArgumentException.class,
                () -> new QualityPlot(List.of(row(Measure.RETRIEVAL, "gate", 1, 1, 1e300)), QualityPlot.Axis.TIME));
    }

    @Test
    void picturesNeedNoFolderForTemporaryFiles() throws IOException {
        String before = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", folder.resolve("gone").toString());
        try {
            new QualityPlot(List.of(row(Measure.RECALL, "gate", 0.5, 0.5, 1)), QualityPlot.Axis.DENSITY)
                    .write(folder.resolve("plot"));
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
        assertTrue(javax.imageio.ImageIO.read(folder.resolve("plot.png").toFile()).getHeight() > 400);
    }
}
