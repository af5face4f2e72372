package seer.gate.train;

import seer.model.backend.Rotary;

/// Rotary embedding of blocks as if each stood at its first token, and its transpose, which gradients go back through.
///
/// Vectors lie along columns: `x[width][n]`.
final class BlockRotation {
    private final int half;
    private final int blocks;
    private final float[][] cos; // [width / 2][n]
    private final float[][] sin;
    private final float[][] minusSin;

    /// @param rotary null for no rotation
    BlockRotation(Rotary rotary, int block, int blocks) {
        this.blocks = blocks;
        this.half = rotary == null ? 0 : rotary.width() / 2;
        this.cos = new float[half][blocks];
        this.sin = new float[half][blocks];
        this.minusSin = new float[half][blocks];
        for (int i = 0; i < half; i++) {
            for (int j = 0; j < blocks; j++) {
                double angle = (double) j * block * rotary.inverseFrequency()[i];
                cos[i][j] = (float) (Math.cos(angle) * rotary.scale());
                sin[i][j] = (float) (Math.sin(angle) * rotary.scale());
                minusSin[i][j] = -sin[i][j];
            }
        }
    }

    /// Turns in place.
    void forward(float[][] x) {
        for (int i = 0; i < half; i++) {
            turn(x[i], x[half + i], cos[i], sin[i], blocks);
        }
    }

    /// Multiplies by the transpose in place.
    void backward(float[][] x) {
        for (int i = 0; i < half; i++) {
            turn(x[i], x[half + i], cos[i], minusSin[i], blocks);
        }
    }

    private static void turn(float[] a, float[] b, float[] cos, float[] sin, int n) {
        for (int j = 0; j < n; j++) {
            float u = a[j];
            float v = b[j];
            a[j] = u * cos[j] - v * sin[j];
            b[j] = v * cos[j] + u * sin[j];
        }
    }
}
