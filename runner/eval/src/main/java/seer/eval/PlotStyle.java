package seer.eval;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// How a method is drawn, the same in every panel: no two of a plot look alike.
///
/// @param colour of line, marker and bars
/// @param marker of a point
/// @param dashed whether the line is
record PlotStyle(Color colour, Marker marker, boolean dashed) {
    private static final float WIDTH = 1.6f; // pixels
    private static final Color DENSE = Color.BLACK;
    /// Far enough apart on white, for people with a weak sense of red and green too.
    private static final List<Color> COLOURS = List.of(new Color(0x0072B2), new Color(0xD55E00), new Color(0x009E73),
            new Color(0xCC79A7), new Color(0xE69F00), new Color(0x56B4E9), new Color(0x6A3D9A), new Color(0x8C510A),
            new Color(0x7F7F7F), new Color(0x999933), new Color(0xE31A1C));
    private static final List<Marker> MARKERS = List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE,
            SeriesMarkers.TRIANGLE_UP, SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.CROSS, SeriesMarkers.PLUS);

    /// A style for each method, dense attention black: of as many methods as there are colours each has its own, with
    /// more of them the lines and markers tell them apart.
    static Map<String, PlotStyle> of(List<String> methods) {
        Map<String, PlotStyle> styles = new LinkedHashMap<>();
        int next = 0;
        for (String method : methods) {
            if (method.equals(Contender.DENSE)) {
                styles.put(method, new PlotStyle(DENSE, SeriesMarkers.DIAMOND, false));
            } else {
                styles.put(method, new PlotStyle(COLOURS.get(next % COLOURS.size()),
                        MARKERS.get(next % MARKERS.size()), next / COLOURS.size() % 2 == 1));
                next++;
            }
        }
        return styles;
    }

    BasicStroke stroke() {
        return new BasicStroke(WIDTH, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1,
                dashed ? new float[] {6, 3} : null, 0);
    }

    void apply(XYSeries series) {
        series.setLineColor(colour);
        series.setLineStyle(stroke());
        series.setMarkerColor(colour);
        series.setMarker(marker);
    }
}
