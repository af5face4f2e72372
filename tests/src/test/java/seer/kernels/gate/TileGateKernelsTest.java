package seer.kernels.gate;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.Bf16;
import seer.kernels.KernelRun;
import seer.kernels.Tiles;
import seer.kernels.layer.Rope;
import seer.model.backend.Rotary;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gate's kernels over queries and keys in tiles, against their references.
@Conformance
@OnTensorCores
class TileGateKernelsTest {

    @ParameterizedTest
    @CsvSource({"1, 2, 1, 64, 64, 16, 16, 3, true", "130, 4, 2, 64, 64, 100, 96, 7, false",
            "300, 2, 2, 128, 64, 128, 128, 5, true", "197, 1, 1, 32, 128, 66, 12, 1, true",
            "260, 3, 1, 16, 64, 48, 48, 2, false"})
    void vectorsAreThoseOfTheStepsOneByOne(int T, int H, int G, int B, int D, int E, int rotary, int pools,
                                           boolean projected) {
        check(T, H, G, B, D, E, rotary, pools, projected);
    }

    /// @param pools of the queries: bit 0 max, bit 1 min, bit 2 average; keys have all three
    static void check(int T, int H, int G, int B, int D, int E, int rotary, int pools, boolean projected) {
        int N = (T + B - 1) / B;
        int P = Integer.bitCount(pools);
        int Q = projected ? E : P * D;
        float[] keys = Bf16.round(KernelRun.random(T, G * T * D, 1));
        float[] queries = Bf16.round(KernelRun.random(D, H * T * D, 1));
        float[] keyWeights = KernelRun.random(E, H * 3 * D * E, 0.3f);
        float[] queryWeights = KernelRun.random(B, H * P * D * E, 0.3f);
        double[] frequency = Rotary.plain(Math.min(rotary, Q), 10_000).inverseFrequency();
        double[] wantedKeys = GateVectors.reference(keys, keyWeights, H, G, T, D, E, B, true, true, true, frequency,
                GateKernelsTest.SCALE_OF_TURNS, GateKernelsTest.FIRST * B);
        double[] wantedQueries = GateVectors.reference(queries, projected ? queryWeights : null, H, H, T, D, Q, B,
                (pools & 1) > 0, (pools & 2) > 0, (pools & 4) > 0, frequency, GateKernelsTest.SCALE_OF_TURNS,
                GateKernelsTest.FIRST * B);

        int tiles = Tiles.along(T) + 1;
        int stride = tiles * Tiles.along(D) * Tiles.INTS;
        IntArray raw = Bf16.tiles(GateKernelsTest.join(keys, queries), G + H, T, D, tiles, Float.NaN, 4);
        var weights = KernelRun.padded(GateKernelsTest.join(keyWeights, queryWeights), 1);
        var turns = new IntArray(frequency.length + 2);
        var rest = new FloatArray(frequency.length + 2);
        for (int i = 0; i < frequency.length; i++) {
            turns.set(2 + i, Rope.turns(frequency[i]));
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + frequency.length, GateKernelsTest.SCALE_OF_TURNS);
        FloatArray y = KernelRun.padded(new float[H * N * (E + Q) + 3], 4);
        int second = 4 + H * N * E + 3;
        var p = KernelRun.places(GateVectors.P_TOKENS, T, GateVectors.P_D, D, GateVectors.P_BLOCK, B,
                GateVectors.P_FIRST, GateKernelsTest.FIRST * B, GateVectors.P_HALF, frequency.length,
                GateVectors.P_TURNS, 2, GateVectors.P_REST, 1, GateVectors.P_SIZE - 1, 0);
        GateKernelsTest.side(p, GateVectors.P_KEYS, G, H / G, 4, stride, 3, 0, 1, 2, 1, E, 4, N * E);
        GateKernelsTest.side(p, GateVectors.P_QUERIES, H, 1, 4 + G * stride, stride, P, (pools & 1) > 0 ? 0 : -1,
                (pools & 2) > 0 ? Integer.bitCount(pools & 1) : -1,
                (pools & 4) > 0 ? Integer.bitCount(pools & 3) : -1, projected ? 1 + keyWeights.length : -1, Q, second,
                N * Q);
        KernelRun.of(KernelRun.groups((N + GateVectors.BLOCKS - 1) / GateVectors.BLOCKS, G + H, 1, GateVectors.ITEMS))
                .in(raw, weights, turns, rest, p).out(y).run(graph -> graph.task(KernelRun.TASK,
                        TileGateVectors::fused, new KernelContext(), raw, weights, turns, rest, y, p));
        KernelRun.assertClose("keys", wantedKeys, y, 4, 3 * D);
        KernelRun.assertClose("queries", wantedQueries, y, second, 3 * D);
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 1, 64, 64, 16, 16, 3, true", "2100, 4, 2, 64, 64, 100, 96, 7, true",
            "300, 2, 2, 128, 64, 128, 128, 5, true", "2050, 1, 1, 64, 128, 66, 12, 1, true",
            "260, 3, 1, 16, 64, 48, 48, 2, false"})
    void pooledVectorsAreMappedAndTurned(int T, int H, int G, int B, int D, int E, int rotary, int pools,
                                         boolean projected) {
        checkPooled(T, H, G, B, D, E, rotary, pools, projected);
    }

    static void checkPooled(int T, int H, int G, int B, int D, int E, int rotary, int pools, boolean projected) {
        int N = (T + B - 1) / B;
        int P = Integer.bitCount(pools);
        int Q = projected ? E : P * D;
        float[] keys = KernelRun.random(T, G * T * D, 1);
        float[] queries = KernelRun.random(D, H * T * D, 1);
        float[] keyWeights = KernelRun.random(E, H * 3 * D * E, 0.3f);
        float[] queryWeights = KernelRun.random(B, H * P * D * E, 0.3f);
        double[] frequency = Rotary.plain(Math.min(rotary, Q), 10_000).inverseFrequency();
        double[] wantedKeys = GateVectors.reference(keys, keyWeights, H, G, T, D, E, B, true, true, true, frequency,
                GateKernelsTest.SCALE_OF_TURNS, GateKernelsTest.FIRST * B);
        double[] wantedQueries = GateVectors.reference(queries, projected ? queryWeights : null, H, H, T, D, Q, B,
                (pools & 1) > 0, (pools & 2) > 0, (pools & 4) > 0, frequency, GateKernelsTest.SCALE_OF_TURNS,
                GateKernelsTest.FIRST * B);
        float[] pooledKeys = pooled(keys, G, T, D, B, 7);
        float[] pooledQueries = pooled(queries, H, T, D, B, pools);
        int from = 5;
        int to = from + pooledKeys.length; // the result, and queries that nothing maps, which are turned in place
        int second = to + H * N * E + 3;
        FloatArray y = KernelRun.padded(GateKernelsTest.join(GateKernelsTest.join(pooledKeys, new float[H * N * E + 3]),
                projected ? new float[H * N * Q] : pooledQueries), from);
        FloatArray pooled = projected ? KernelRun.padded(GateKernelsTest.join(pooledKeys, pooledQueries), from) : y;
        FloatArray weights = KernelRun.padded(GateKernelsTest.join(keyWeights, queryWeights), 1);
        var turns = new IntArray(frequency.length + 2);
        var rest = new FloatArray(frequency.length + 2);
        for (int i = 0; i < frequency.length; i++) {
            turns.set(2 + i, Rope.turns(frequency[i]));
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + frequency.length, GateKernelsTest.SCALE_OF_TURNS);
        var p = KernelRun.places(GateVectors.P_TOKENS, T, GateVectors.P_D, D, GateVectors.P_BLOCK, B,
                GateVectors.P_FIRST, GateKernelsTest.FIRST * B, GateVectors.P_HALF, frequency.length,
                GateVectors.P_TURNS, 2, GateVectors.P_REST, 1, GateVectors.P_SIZE - 1, 0);
        GateKernelsTest.side(p, GateVectors.P_KEYS, G, H / G, from, N * 3 * D, 3, 0, 1, 2, 1, E, to, N * E);
        GateKernelsTest.side(p, GateVectors.P_QUERIES, H, 1, projected ? to : second, N * P * D, P, 0, 0, 0,
                projected ? 1 + keyWeights.length : -1, Q, second, N * Q);
        KernelRun.of(KernelRun.groups((N + PooledVectors.BLOCKS - 1) / PooledVectors.BLOCKS, 2 * H, 1,
                PooledVectors.ITEMS)).in(projected ? List.of(pooled, weights, turns, rest, p).toArray()
                : List.of(weights, turns, rest, p).toArray()).out(y).run(graph -> graph.task(
                KernelRun.TASK, PooledVectors::mapped, new KernelContext(), pooled, weights, turns, rest, y, p));
        KernelRun.assertClose("keys", wantedKeys, y, to, 3 * D);
        KernelRun.assertClose("queries", wantedQueries, y, second, 3 * D);
    }

    private static float[] pooled(float[] x, int heads, int T, int D, int B, int pools) {
        double[] wanted = BlockPooling.reference(x, heads, T, D, B, (pools & 1) > 0, (pools & 2) > 0,
                (pools & 4) > 0);
        var floats = new float[wanted.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) wanted[i];
        }
        return floats;
    }
}
