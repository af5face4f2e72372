package seer.eval;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import seer.model.load.AtomicFile;

/// Quality against what it costs: a panel for each task and length, a line for each method, 95 % intervals as bars.
public final class QualityPlot {
    private static final int WIDTH = 640; // pixels of a panel
    private static final int HEIGHT = 420;
    private static final int COLUMNS = 3;
    private static final int FEWEST_FOR_BARS = 8;

    private final List<XYChart> panels;

    /// What stands on the horizontal axis.
    public enum Axis {
        /// Share of blocks computed, logarithmic.
        DENSITY("density"),
        /// Time to first token.
        TIME("time to first token, ms");

        private final String title;

        Axis(String title) {
            this.title = title;
        }
    }

    /// @throws IllegalArgumentException if no row can be placed on the axis
    public QualityPlot(List<EvalRow> rows, Axis axis) {
        ToDoubleFunction<EvalRow> x = axis == Axis.DENSITY ? EvalRow::density : EvalRow::prefillMs;
        Map<SampleKey, List<EvalRow>> groups = new LinkedHashMap<>();
        rows.stream().filter(row -> row.key().measure() != Measure.CALIBRATION && !Double.isNaN(x.applyAsDouble(row)))
                .forEach(row -> groups.computeIfAbsent(
                panel(row.key()), key -> new ArrayList<>()).add(row));
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to plot against " + axis.title);
        }
        var methods = rows.stream().map(row -> method(row.key().selector())).distinct().toList();
        panels = groups.entrySet().stream().map(group -> chart(group.getKey(), group.getValue(), methods, axis, x))
                .toList();
    }

    private static SampleKey panel(SampleKey key) {
        return new SampleKey(key.measure(), key.task(), key.tokens(), "", key.selector().equals(Contender.DENSE)
                ? 0 : key.denseLastRows(), "");
    }

    /// A method has the same colour in every panel.
    private static XYChart chart(SampleKey key, List<EvalRow> rows, List<String> methods, Axis axis,
                                 ToDoubleFunction<EvalRow> x) {
        String measure = key.measure().label().replace('_', ' ');
        var chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis.title).yAxisTitle(measure)
                .title(measure + ", " + key.task() + ", " + key.tokens() + " tokens"
                        + (key.denseLastRows() > 0 ? ", last " + key.denseLastRows() + " rows dense" : "")).build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLogarithmic(axis == Axis.DENSITY);
        if (!key.measure().logarithmic()) {
            chart.getStyler().setYAxisMin(0.0);
            chart.getStyler().setYAxisMax(1.1);
        }
        Color[] colours = chart.getStyler().getSeriesColors();
        for (int i = 0; i < methods.size(); i++) {
            String name = methods.get(i);
            var line = rows.stream().filter(row -> method(row.key().selector()).equals(name))
                    .sorted(Comparator.comparingDouble(EvalRow::density)).toList();
            if (!line.isEmpty()) {
                var series = chart.addSeries(name, line.stream().mapToDouble(x).toArray(),
                        line.stream().mapToDouble(row -> row.value().mean()).toArray(),
                        line.stream().mapToDouble(QualityPlot::bar).toArray());
                series.setLineColor(colours[i % colours.length]);
                series.setMarkerColor(colours[i % colours.length]);
            }
        }
        return chart;
    }

    /// `gate:density=0.1` is a point of `gate`, `gate:threshold@0.1` one of `gate:threshold`.
    static String method(String label) {
        return label.replaceFirst(":density=.*", "").replaceFirst("[=@].*", "");
    }

    /// Half the interval. None where so few prompts make it wider than the scale, and none of perplexities: windows
    /// differ far more than selectors do, and the interval of the difference is in the table.
    private static double bar(EvalRow row) {
        double half = (row.value().high() - row.value().low()) / 2;
        return row.key().measure().logarithmic() || row.n() < FEWEST_FOR_BARS ? 0 : half;
    }

    /// Writes `FILE.png` and `FILE.svg`; an ending of either kind is replaced.
    public void write(Path file) {
        var files = files(file);
        try {
            writePng(files.getFirst());
            writeSvg(files.getLast());
        } catch (Error | RuntimeException e) { // "No physical fonts found" is a plain Error
            if (e instanceof OutOfMemoryError || e instanceof UncheckedIOException) {
                throw e;
            }
            throw new IllegalStateException("the plot " + file + " cannot be drawn: " + e
                    + "; a JDK with java.desktop and a system with fonts can", e);
        }
    }

    /// What [#write] writes: the picture in pixels, and the one in lines.
    public static List<Path> files(Path file) {
        return List.of(file.resolveSibling(bare(file) + ".png"), file.resolveSibling(bare(file) + ".svg"));
    }

    /// The last name of a path without the ending of a picture.
    public static String bare(Path file) {
        return file.getFileName().toString().replaceFirst("(?i)\\.(png|svg)$", "");
    }

    private int rows() {
        return Math.ceilDiv(panels.size(), COLUMNS);
    }

    private int columns() {
        return Math.min(COLUMNS, panels.size());
    }

    private void writePng(Path file) {
        var image = new BufferedImage(columns() * WIDTH, rows() * HEIGHT, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        paint(graphics);
        PngFile.write(file, image);
    }

    private void writeSvg(Path file) {
        var graphics = new VectorGraphics2D();
        paint(graphics);
        var document = new SVGProcessor().getDocument(graphics.getCommands(),
                new PageSize(0, 0, columns() * WIDTH, rows() * HEIGHT));
        AtomicFile.write(file, channel -> document.writeTo(Channels.newOutputStream(channel)));
    }

    private void paint(Graphics2D graphics) {
        for (int i = 0; i < panels.size(); i++) {
            var panel = (Graphics2D) graphics.create();
            panel.translate(i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT);
            panels.get(i).paint(panel, WIDTH, HEIGHT);
            panel.dispose();
        }
    }
}
