package seer.run;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import seer.eval.PngFile;
import seer.gate.train.StepReport;

/// The loss of each gate by step, as a picture. Loaded only when a plot is asked for: it needs java.desktop.
final class LossPlot {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;
    /// Steps that a point of the curve is a mean over, as a share of all.
    private static final int POINTS = 200;

    private static final double LARGEST = 1e12;

    private LossPlot() { }

    static void write(Path file, List<String> gates, List<StepReport> history) {
        var chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title("Training of the gates")
                .xAxisTitle("step").yAxisTitle("loss").build();
        int span = Math.max(1, history.size() / POINTS);
        int points = history.size() / span;
        for (int g = 0; g < gates.size() && points > 0; g++) {
            var x = new double[points];
            var y = new double[points];
            for (int p = 0; p < points; p++) {
                int gate = g;
                var part = history.subList(p * span, (p + 1) * span);
                x[p] = part.getLast().step();
                y[p] = part.stream().mapToDouble(row -> row.gates().get(gate).loss()).average().orElseThrow();
                if (!(Math.abs(y[p]) <= LARGEST)) {
                    throw new IllegalArgumentException(file + ": the loss of " + gates.get(g) + " near step "
                            + part.getLast().step() + " is " + y[p] + ", wanted at most " + LARGEST + " to draw it");
                }
            }
            chart.addSeries(gates.get(g), x, y).setMarker(SeriesMarkers.NONE);
        }
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        chart.paint(image.createGraphics(), WIDTH, HEIGHT);
        PngFile.write(file, image);
    }
}
