package seer.eval;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the lines of all panels mean, in rows below them.
///
/// @param styles of the methods, by name
/// @param width  pixels that a row may take
record PlotLegend(Map<String, PlotStyle> styles, int width) {
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    private static final int ROW = 24; // pixels
    private static final int MARGIN = 16;
    private static final int SAMPLE = 36; // length of a line
    private static final int MARKER = 8;
    private static final int GAP = 8;

    /// Height of all rows.
    int height() {
        return rows().size() * ROW + MARGIN;
    }

    /// Draws the rows, centred, the first at `top`.
    void paint(Graphics2D graphics, int top) {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setFont(FONT);
        int y = top + ROW / 2;
        for (List<String> row : rows()) {
            int x = (width - row.stream().mapToInt(PlotLegend::width).sum()) / 2;
            for (String name : row) {
                var style = styles.get(name);
                graphics.setColor(style.colour());
                graphics.setStroke(style.stroke());
                graphics.drawLine(x, y, x + SAMPLE, y);
                style.marker().paint(graphics, x + SAMPLE / 2.0, y, MARKER);
                graphics.setColor(Color.BLACK);
                graphics.drawString(name, x + SAMPLE + GAP, y + FONT.getSize() / 3);
                x += width(name);
            }
            y += ROW;
        }
    }

    /// As many names in a row as fit.
    private List<List<String>> rows() {
        var rows = new ArrayList<List<String>>();
        int used = width;
        for (String name : styles.keySet()) {
            if (used + width(name) > width) {
                rows.add(new ArrayList<>());
                used = 0;
            }
            rows.getLast().add(name);
            used += width(name);
        }
        return rows;
    }

    private static int width(String name) {
        var bounds = FONT.getStringBounds(name, new FontRenderContext(null, true, true));
        return SAMPLE + GAP + (int) Math.ceil(bounds.getWidth()) + 3 * GAP;
    }
}
