package seer.eval;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import seer.model.load.AtomicFile;

/// Quality against what it costs: a panel for each task and length, a line for each method, 95 % intervals as bars, and
/// one legend for all panels.
public final class QualityPlot {
    private static final int WIDTH = 640; // pixels of a panel
    private static final int HEIGHT = 420;
    private static final int COLUMNS = 3;
    private static final int FEWEST_FOR_BARS = 8;

    /// Beyond these a chart shows nothing, and takes minutes to draw it.
    private static final double LARGEST = 1e12;
    private static final double SMALLEST = 1e-9;
    /// Digits of a density that its axis names.
    private static final Set<Character> NAMED = Set.of('1', '2', '3', '5');

    private final List<XYChart> panels;
    private final PlotLegend legend;

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
        groups.values().forEach(group -> group.forEach(row -> checkDrawable(row, axis, x.applyAsDouble(row))));
        var styles = PlotStyle.of(rows.stream().map(row -> method(row.key().selector())).distinct().toList());
        panels = groups.entrySet().stream().map(group -> chart(group.getKey(), group.getValue(), styles, axis, x))
                .toList();
        legend = new PlotLegend(styles, columns() * WIDTH);
    }

    private static void checkDrawable(EvalRow row, Axis axis, double x) {
        double value = Math.abs(row.value().mean());
        if (!(value <= LARGEST && x <= LARGEST && x >= (axis == Axis.DENSITY ? SMALLEST : 0))) {
            throw new IllegalArgumentException(row.key().measure().label() + " of " + row.key().task() + " with "
                    + row.key().selector() + " is " + row.value().mean() + " at " + axis.title + " " + x
                    + ", wanted numbers of at most " + LARGEST + " to draw, and a density of at least " + SMALLEST);
        }
    }

    private static SampleKey panel(SampleKey key) {
        return new SampleKey(key.measure(), key.task(), key.tokens(), "", key.selector().equals(Contender.DENSE)
                ? 0 : key.denseLastRows(), "");
    }

    private static XYChart chart(SampleKey key, List<EvalRow> rows, Map<String, PlotStyle> styles, Axis axis,
                                 ToDoubleFunction<EvalRow> x) {
        String measure = key.measure().label().replace('_', ' ');
        var chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis.title).yAxisTitle(measure)
                .title(measure + ", " + key.task() + ", " + key.tokens() + " tokens"
                        + (key.denseLastRows() > 0 ? ", last " + key.denseLastRows() + " rows dense" : "")).build();
        chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setErrorBarsColorSeriesColor(true);
        if (axis == Axis.DENSITY) {
            chart.getStyler().setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(false)
                    .setXAxisTickLabelsFormattingFunction(QualityPlot::density);
        }
        if (!key.measure().logarithmic()) {
            chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.1);
        }
        styles.forEach((name, style) -> {
            var line = rows.stream().filter(row -> method(row.key().selector()).equals(name))
                    .sorted(Comparator.comparingDouble(EvalRow::density)).toList();
            if (!line.isEmpty()) {
                style.apply(chart.addSeries(name, line.stream().mapToDouble(x).toArray(),
                        line.stream().mapToDouble(row -> row.value().mean()).toArray(),
                        bars(line)));
            }
        });
        return chart;
    }

    /// A tick of the density's axis: of those between two powers of ten, some are named.
    static String density(double value) {
        String text = BigDecimal.valueOf(value).round(new MathContext(1)).stripTrailingZeros().toPlainString();
        return NAMED.contains(text.charAt(text.length() - 1)) ? text : " ";
    }

    /// `gate:density=0.1` is a point of `gate`, `gate:threshold@0.1` one of `gate:threshold`.
    static String method(String label) {
        return label.replaceFirst(":density=.*", "").replaceFirst("[=@].*", "");
    }

    /// Null where no point has one: a bar of no height would be drawn as a dash.
    private static double[] bars(List<EvalRow> line) {
        double[] bars = line.stream().mapToDouble(QualityPlot::bar).toArray();
        return Arrays.stream(bars).allMatch(bar -> bar == 0) ? null : bars;
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

    /// The charts, one for each task and length.
    List<XYChart> panels() {
        return panels;
    }

    private int rows() {
        return Math.ceilDiv(panels.size(), COLUMNS);
    }

    private int columns() {
        return Math.min(COLUMNS, panels.size());
    }

    private void writePng(Path file) {
        var image = new BufferedImage(columns() * WIDTH, height(), BufferedImage.TYPE_INT_RGB);
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
                new PageSize(0, 0, columns() * WIDTH, height()));
        AtomicFile.write(file, channel -> document.writeTo(Channels.newOutputStream(channel)));
    }

    private void paint(Graphics2D graphics) {
        for (int i = 0; i < panels.size(); i++) {
            var panel = (Graphics2D) graphics.create();
            panel.translate(i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT);
            panels.get(i).paint(panel, WIDTH, HEIGHT);
            panel.dispose();
        }
        legend.paint(graphics, rows() * HEIGHT);
    }

    private int height() {
        return rows() * HEIGHT + legend.height();
    }
}
