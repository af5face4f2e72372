package seer.run;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import seer.eval.PngFile;

/// Losses by step, as a picture. Loaded only when a plot is asked for: it needs java.desktop.
final class LossPlot {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;
    /// Steps that a point of the curve is a mean over, as a share of all.
    private static final int POINTS = 200;

    private static final double LARGEST = 1e12;

    private LossPlot() { }

    /// A loss.
    ///
    /// @param losses one for each step, from the first
    record Curve(String name, double[] losses) { }

    static void write(Path file, String title, List<Curve> curves) {
        var chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title)
                .xAxisTitle("step").yAxisTitle("loss").build();
        for (Curve curve : curves) {
            int span = Math.max(1, curve.losses().length / POINTS);
            int points = curve.losses().length / span;
            if (points == 0) {
                continue;
            }
            var x = new double[points];
            var y = new double[points];
            for (int p = 0; p < points; p++) {
                x[p] = (p + 1.0) * span;
                y[p] = Arrays.stream(curve.losses(), p * span, (p + 1) * span).average().orElseThrow();
                if (!(Math.abs(y[p]) <= LARGEST)) {
                    throw new IllegalArgumentException(file + ": the loss of " + curve.name() + " near step "
                            + (p + 1) * span + " is " + y[p] + ", wanted at most " + LARGEST + " to draw it");
                }
            }
            chart.addSeries(curve.name(), x, y).setMarker(SeriesMarkers.NONE);
        }
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        chart.paint(image.createGraphics(), WIDTH, HEIGHT);
        PngFile.write(file, image);
    }
}
