package seer.run.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.load.SafetensorsWriter;

/// What attention is timed on, and what is computed from the times.
class AttentionTrialTest {
    private static final AttentionShape SHAPE = new AttentionShape(300, 4, 2, 16, 32, 0.5);

    private static BlockMask dense() {
        return BlockMask.dense(SHAPE.heads(), SHAPE.block(), 0, SHAPE.blocks());
    }

    @Test
    void resultsAgreeWithDoublePrecision() {
        try (var backend = Backends.cpu(1); var trial = new AttentionTrial(backend, SHAPE, 7)) {
            for (BlockMask mask : List.of(dense(), RandomLists.of(SHAPE, 3))) {
                double error = trial.error(mask);
                assertTrue(error > 0 && error < 1e-5, "relative error: " + error);
            }
        }
    }

    /// A backend that computes dense attention whatever the lists say.
    private static Backend ignoringLists(Backend backend) {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("attend")) {
                        arguments[4] = dense();
                    }
                    try {
                        return method.invoke(backend, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aWrongResultIsFarFromDoublePrecision() {
        try (var backend = Backends.cpu(1); var trial = new AttentionTrial(ignoringLists(backend), SHAPE, 7)) {
            double error = trial.error(RandomLists.of(SHAPE, 3));
            assertTrue(error > 0.1, "relative error: " + error);
        }
    }

    @Test
    void numbersRepeatAndHaveEightBits() {
        var tile = new NormalTile(1);
        float[] all = tile.numbers(0, NormalTile.LENGTH + 3);
        assertArrayEquals(Arrays.copyOf(all, 3), Arrays.copyOfRange(all, NormalTile.LENGTH, all.length));
        assertArrayEquals(Arrays.copyOfRange(all, 5, 9), tile.numbers(10L * NormalTile.LENGTH + 5, 4));
        double square = 0;
        for (int i = 0; i < NormalTile.LENGTH; i++) {
            square += (double) all[i] * all[i];
            assertEquals(all[i], Float.intBitsToFloat(SafetensorsWriter.bfloat16(all[i]) << 16));
        }
        assertEquals(1, square / NormalTile.LENGTH, 0.01);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5, 0.29, 0.1, 0.001})
    void everyRowKeepsItsDiagonalAndTheShareAskedFor(double density) {
        var mask = RandomLists.of(SHAPE.of(3200, density), 5);
        for (int r = 0; r < mask.heads() * mask.rows(); r++) {
            int row = r % mask.rows();
            int[] list = Arrays.copyOfRange(mask.index(), mask.start()[r], mask.start()[r + 1]);
            assertEquals(Math.max(1, (int) Math.floor(density * (row + 1) + 1e-9)), list.length);
            assertEquals(row, list[list.length - 1]);
            assertArrayEquals(IntStream.of(list).distinct().sorted().filter(j -> j >= 0).toArray(), list);
        }
        assertEquals(mask.start()[mask.heads() * mask.rows()], mask.kept());
    }

    @Test
    void everyBlockBeforeTheDiagonalIsAsLikelyAndHeadsDiffer() {
        var shape = new AttentionShape(9 * 16, 2000, 1, 4, 16, 0.5);
        var mask = RandomLists.of(shape, 11);
        var counts = new int[9];
        for (int head = 0; head < shape.heads(); head++) {
            for (int j = 0; j < 9; j++) {
                counts[j] += mask.keeps(head, 8, j) ? 1 : 0;
            }
        }
        assertEquals(2000, counts[8]);
        for (int j = 0; j < 8; j++) { // 3 of 8, deviation 22
            assertEquals(750, counts[j], 90, "block " + j);
        }
    }

    @Test
    void listsOfChunksJoinHeadByHead() {
        var first = new BlockMask(2, 16, 0, 1, new int[] {0, 1, 2}, new int[] {0, 0});
        var second = new BlockMask(2, 16, 1, 2, new int[] {0, 1, 3, 5, 6}, new int[] {1, 0, 2, 0, 1, 2});
        var joined = GateLists.joined(List.of(first, second));
        assertEquals(3, joined.rows());
        assertArrayEquals(new int[] {0, 1, 2, 4, 5, 7, 8}, joined.start());
        assertArrayEquals(new int[] {0, 1, 0, 2, 0, 0, 1, 2}, joined.index());
    }

    private static AttentionRow row(int tokens, String attention, double asked, double density, double... millis) {
        return new AttentionRow(new AttentionShape(tokens, 2, 1, 64, 16, asked), attention, density, new Timing(millis),
                0, 0, Map.of("listed", 0.25, "other", 0.5), null);
    }

    @Test
    void rowsCountOperationsSpeedAndBreakEven() {
        var rows = List.of(row(1000, "dense", 1, 1, 1, 1), row(1000, "random", 0.1, 0.11, 2, 4),
                row(10_000, "dense", 1, 1, 100), row(10_000, "random", 0.1, 0.1, 30));
        var table = AttentionRow.table(rows).objects();
        var sparse = table.get(1);
        double rate = 2.0 * 2 * 1e6 * 64 / 3e-3 * 1e-12;
        assertEquals(rate, (double) sparse.get("tflops_dense_equivalent"), 1e-9);
        assertEquals(0.11 * rate, (double) sparse.get("tflops_visited"), 1e-9);
        assertEquals(1.0 / 3, (double) sparse.get("times_faster_than_dense"), 1e-12);
        assertEquals(1, (double) sparse.get("growth_exponent"), 1e-9);
        assertEquals(3000, (double) sparse.get("break_even_tokens"), 1e-6);
        assertEquals(0.75, (double) sparse.get("kernel_ms"), 1e-12);
        assertEquals(0.1, (double) sparse.get("density_asked"));
        assertEquals(2.0, (double) table.get(2).get("growth_exponent"), 1e-9);
        assertFalse(table.get(0).containsKey("break_even_tokens") || sparse.containsKey("relative_error"));
        assertEquals(Math.sqrt(2), (double) sparse.get("ms_deviation"), 1e-12);
        assertFalse(table.get(3).containsKey("ms_deviation"), "one repetition deviates from nothing");
    }
}
