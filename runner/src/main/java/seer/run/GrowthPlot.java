package seer.run;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import seer.eval.PngFile;
import seer.run.bench.Growth;

/// Time against the length of the text. Loaded only when a plot is asked for: it needs java.desktop.
final class GrowthPlot {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 600;

    private GrowthPlot() { }

    static void write(Path file, String title, List<Growth> growth) {
        var chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle("tokens")
                .yAxisTitle("ms").build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true)
                .setLegendPosition(Styler.LegendPosition.InsideNW).setChartBackgroundColor(Color.WHITE);
        for (Growth line : growth) {
            chart.addSeries(line.label(), line.tokens().stream().mapToDouble(n -> n).toArray(),
                    line.millis().stream().mapToDouble(ms -> ms).toArray());
        }
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        chart.paint(image.createGraphics(), WIDTH, HEIGHT);
        PngFile.write(file, image);
    }
}
