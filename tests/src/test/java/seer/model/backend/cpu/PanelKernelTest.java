package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Kernels of registers against plain double precision, for every number of rows that some mix of tiles makes up.
class PanelKernelTest {
    private static final float UNTOUCHED = 77;
    private static final int ROWS = 67;
    private final Random random = new Random(12);

    private float[] normal(int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Depths on both sides of where a strip no longer stays in level 1.
    @ParameterizedTest
    @ValueSource(ints = {1, 64, 127, 128, 129, 200})
    void rowsTimesAStrip(int depth) {
        for (int lanes = Lanes.LENGTH; lanes <= Lanes.STRIP; lanes += Lanes.LENGTH) {
            for (int rows = 1; rows <= ROWS; rows++) {
                check(rows, depth, lanes, lanes, rows % 2 == 0);
            }
        }
    }

    @Test
    void aStripOfWhichSomeLanesAreUsed() {
        for (int lanes = Lanes.LENGTH; lanes <= Lanes.STRIP; lanes += Lanes.LENGTH) {
            check(23, 80, lanes, Lanes.STRIP, false);
        }
    }

    private void check(int rows, int depth, int lanes, int stride, boolean add) {
        int aStride = depth + 3;
        int outStride = Lanes.STRIP + 5;
        float[] a = normal(2 + rows * aStride);
        float[] strip = normal(4 + depth * stride);
        float[] out = normal(1 + (rows + 1) * outStride);
        float[] before = out.clone();
        PanelKernel.multiply(a, 2, aStride, rows, depth, strip, 4, lanes, stride, out, 1, outStride, add);
        for (int at = 0; at < out.length; at++) {
            int row = (at - 1) / outStride;
            int lane = (at - 1) % outStride;
            double wanted = before[at];
            if (at > 0 && row < rows && lane < lanes) {
                wanted = add ? before[at] : 0;
                for (int k = 0; k < depth; k++) {
                    wanted += (double) a[2 + row * aStride + k] * strip[4 + k * stride + lane];
                }
            }
            assertEquals(wanted, out[at], 1e-5 * Math.sqrt(depth) * 4, row + ", " + lane + " of " + rows + " rows");
        }
    }

    /// Keys as rows of an array of their own, and as they lie in caches of floats and halves.
    @ParameterizedTest
    @ValueSource(ints = {16, 64, 80, 128})
    void scoresOfAPieceOfKeys(int width) {
        int first = 5;
        float[] all = normal(2 * 96 * width);
        try (var threads = new CpuThreads(1); var backend = new CpuBackend(1)) {
            var arena = backend.arena("the test", 0);
            var rows = new CpuTensor(null, all, 2, 96, width);
            var halves = new HalfRows(arena, 2, 96, width);
            halves.put(rows, 96, 0);
            float[] q = normal(width * Lanes.STRIP);
            for (int seen = 1; seen <= Lanes.PANEL; seen++) {
                int count = Math.min(Lanes.PANEL, seen + seen % 3);
                for (int vectors = 1; vectors <= Lanes.GROUP; vectors++) {
                    var scratch = threads.own();
                    var piece = KeyPiece.of(new FloatRows(rows), 1, first, count, scratch);
                    score(piece, all, (96 + first) * width, seen, width, q, vectors, 2e-6);
                    piece = KeyPiece.of(halves, 1, first, count, scratch);
                    score(piece, all, (96 + first) * width, seen, width, q, vectors, 5e-4);
                    piece = KeyPiece.of(all, count, width, scratch.floats(Scratch.TURNED, width * Lanes.PANEL));
                    score(piece, all, 0, seen, width, q, vectors, 2e-6);
                }
            }
        }
    }

    private static void score(KeyPiece piece, float[] keys, int at, int seen, int width, float[] q, int vectors,
                              double relative) {
        var s = new float[Lanes.PANEL * Lanes.STRIP];
        Arrays.fill(s, UNTOUCHED);
        piece.score(seen, width, q, 0, vectors, s);
        for (int key = 0; key < seen; key++) {
            for (int lane = 0; lane < vectors * Lanes.LENGTH; lane++) {
                double wanted = 0;
                double size = 0;
                for (int d = 0; d < width; d++) {
                    double product = (double) keys[at + key * width + d] * q[d * Lanes.STRIP + lane];
                    wanted += product;
                    size += Math.abs(product);
                }
                assertEquals(wanted, s[key * Lanes.STRIP + lane], relative * size, "key " + key + ", lane " + lane);
            }
        }
        for (int key = 0; key < Lanes.PANEL; key++) {
            for (int lane = vectors * Lanes.LENGTH; lane < Lanes.STRIP; lane++) {
                assertEquals(UNTOUCHED, s[key * Lanes.STRIP + lane]);
            }
        }
    }
}
