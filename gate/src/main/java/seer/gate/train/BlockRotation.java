package seer.gate.train;

import seer.model.backend.Rotary;

/// Rotary embedding of blocks as if each stood at its first token, and its transpose, which gradients go back through.
///
/// Vectors lie along columns: `x[width, n]`.
final class BlockRotation {
    private final int half;
    private final int blocks;
    private final float[] cos; // [width / 2, n]
    private final float[] sin;

    /// @param rotary null for no rotation
    BlockRotation(Rotary rotary, int block, int blocks) {
        this.blocks = blocks;
        this.half = rotary == null ? 0 : rotary.width() / 2;
        this.cos = new float[half * blocks];
        this.sin = new float[half * blocks];
        for (int i = 0; i < half; i++) {
            for (int j = 0; j < blocks; j++) {
                double angle = (double) j * block * rotary.inverseFrequency()[i];
                cos[i * blocks + j] = (float) (Math.cos(angle) * rotary.scale());
                sin[i * blocks + j] = (float) (Math.sin(angle) * rotary.scale());
            }
        }
    }

    /// Turns in place.
    void forward(float[] x) {
        turn(x, 1);
    }

    /// Multiplies by the transpose in place.
    void backward(float[] x) {
        turn(x, -1);
    }

    private void turn(float[] x, float sign) {
        for (int i = 0; i < half; i++) {
            pair(x, i * blocks, (half + i) * blocks, cos, sin, i * blocks, blocks, sign);
        }
    }

    private static void pair(float[] x, int a, int b, float[] cos, float[] sin, int at, int n, float sign) {
        for (int j = 0; j < n; j++) {
            float u = x[a + j];
            float v = x[b + j];
            float s = sign * sin[at + j];
            x[a + j] = u * cos[at + j] - v * s;
            x[b + j] = v * cos[at + j] + u * s;
        }
    }
}
