package seer.run.demo;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import seer.eval.PngFile;

/// Draws the block maps of all heads of a layer: computed blocks above, true attention below.
public final class MapPicture {
    private static final int PANEL = 512; // pixels along one edge, about
    private static final int GAP = 12;
    private static final int CAPTION = 26;
    private static final Color PAPER = Color.WHITE;
    private static final Color FUTURE = new Color(0xE9ECEF);
    private static final double FAINTEST = 1e-4; // probability that is still visible

    private final int blocks;
    private final int scale;
    private final float[][] masks;
    private final float[][] attention;

    /// @param masks     one map of 0 and 1 per head, `[blocks, blocks]`
    /// @param attention one map of probabilities per head
    public MapPicture(int blocks, float[][] masks, float[][] attention) {
        this.blocks = blocks;
        this.scale = Math.max(1, PANEL / blocks);
        this.masks = masks;
        this.attention = attention;
    }

    /// Writes the picture as PNG.
    ///
    /// @param caption set above each panel, after the head's number
    /// @return whether text could be drawn: not without fonts
    public boolean write(Path file, String maskCaption, String attentionCaption) {
        int edge = blocks * scale;
        var image = new BufferedImage(GAP + masks.length * (edge + GAP), 2 * (CAPTION + edge + GAP),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        for (int head = 0; head < masks.length; head++) {
            int x = GAP + head * (edge + GAP);
            panel(image, masks[head], x, CAPTION, false);
            panel(image, attention[head], x, 2 * CAPTION + edge + GAP, true);
        }
        boolean text = captions(g, edge, maskCaption, attentionCaption);
        g.dispose();
        PngFile.write(file, image);
        return text;
    }

    private void panel(BufferedImage image, float[] map, int left, int top, boolean logarithmic) {
        for (int y = 0; y < blocks * scale; y++) {
            for (int x = 0; x < blocks * scale; x++) {
                int row = y / scale;
                int column = x / scale;
                Color color = column > row ? FUTURE : ink(strength(map[row * blocks + column], logarithmic));
                image.setRGB(left + x, top + y, color.getRGB());
            }
        }
    }

    private static double strength(float value, boolean logarithmic) {
        return logarithmic ? Math.clamp(1 - Math.log(Math.max(value, 1e-30)) / Math.log(FAINTEST), 0, 1) : value;
    }

    private static Color ink(double strength) {
        return new Color((int) (255 - 245 * strength), (int) (255 - 205 * strength), (int) (255 - 130 * strength));
    }

    /// Java's fonts come from the system: where there are none, drawing text fails in ways that differ by JDK.
    private boolean captions(Graphics2D g, int edge, String maskCaption, String attentionCaption) {
        try {
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
            g.setColor(Color.DARK_GRAY);
            for (int head = 0; head < masks.length; head++) {
                int x = GAP + head * (edge + GAP);
                g.drawString("head " + head + ": " + maskCaption, x, CAPTION - 8);
                g.drawString("head " + head + ": " + attentionCaption, x, 2 * CAPTION + edge + GAP - 8);
            }
            return true;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) { // "No physical fonts found" is a plain Error
            return false;
        }
    }
}
