package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What lists leave out, on tensor cores, against the reference.
@Conformance
@OnTensorCores
class TileRestKernelsTest {

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1, 64, 64", "65, 0, 2, 1, 128, 64", "70, 128, 4, 2, 64, 64", "130, 128, 2, 1, 64, 128",
        "64, 256, 1, 1, 128, 128"})
    void anySize(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkTiles();
    }

    /// More blocks than a tile has rows.
    @ParameterizedTest
    @CsvSource({"2, 4160, 1, 1, 64, 64"})
    void manyBlocks(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkTiles();
    }

    /// Most of the blocks before a row are listed: more of a tile's than a warp has lanes. All keys count alike, about.
    @Test
    void longLists() {
        mostListed().checkTiles();
    }

    static RestProblem mostListed() {
        var problem = new AttentionProblem(2, 4224, 1, 1, 64, 64);
        int N = 67;
        for (int i = 0; i < N * N; i++) {
            problem.keep[i] = i % N <= i / N && i % 7 != 3;
        }
        for (int i = 0; i < problem.k.length; i++) {
            problem.k[i] *= 0.05f;
        }
        return new RestProblem(problem);
    }

    @ParameterizedTest
    @ValueSource(floats = {8, -8})
    void farScores(float towards) {
        var problem = new AttentionProblem(40, 192, 1, 1, 64, 64);
        Arrays.fill(problem.q, 1);
        for (int i = 0; i < 3 * 64 * 64; i++) {
            problem.k[i] = towards;
        }
        new RestProblem(problem).checkTiles();
    }

    @ParameterizedTest
    @CsvSource({"1, 64, 0, 1, 64", "2, 200, 1, 2, 64", "3, 300, 1, 1, 128"})
    void meansOfTilesAreTheReference(int G, int T, int from, int blocks, int B) {
        checkMeans(G, T, 64, from, blocks, B);
        checkMeans(G, T, 128, from, blocks, B);
    }

    static void checkMeans(int G, int T, int D, int from, int blocks, int B) {
        float[] x = Bf16.round(KernelRun.random(7, G * T * D, 2));
        int tiles = Tiles.along(T) + 1;
        IntArray xs = Bf16.tiles(x, G, T, D, tiles, Float.NaN, 4);
        var means = new IntArray(6 + G * 2 * Tiles.ROW * D);
        IntArray p = IntArray.fromElements(G, D, from, blocks, B, 4, tiles, 6, 2);
        KernelRun.of(KernelRun.items(G * blocks * D / 2, 64)).in(xs, p).out(means)
                .run(graph -> graph.task(KernelRun.TASK, TileMeans::pairs, new KernelContext(), xs, means, p));
        double[] wanted = TileMeans.reference(x, G, T, D, B);
        int[] all = means.toHeapArray();
        for (int g = 0; g < G; g++) {
            float[] got = Tiles.unpack(Arrays.copyOfRange(all, 6 + g * 2 * Tiles.ROW * D, all.length), 128, D);
            for (int i = 0; i < 128 * D; i++) {
                boolean made = i >= from * D && i < (from + blocks) * D;
                assertEquals(made ? wanted[g * (T / B) * D + i] : 0, got[i], 4e-3 * (made ? 1 : 0),
                        g + " [" + i + "]");
            }
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 128, 2, 2, 64, 128"})
    void longPrompts(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkTiles();
    }
}
