package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.model.attention.MassPooling;

/// Keys and values in 16 bits: nothing but the rounding on their way in differs from 32 bits.
class HalfCacheTest {
    private Backend backend;
    private Arena arena;

    @BeforeEach
    void open() {
        backend = Backends.cpu(2);
        arena = backend.arena("the test", 0);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private static float[] rounded(float[] values) {
        var halves = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            halves[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        }
        return halves;
    }

    private KeyValueCache cache(ElementType type, int groups, int width, float[] k, float[] v, int rows, int first) {
        var cache = arena.cache(groups, first + rows + 5, width, type);
        backend.append(arena.upload(k, groups, rows, width), arena.upload(v, groups, rows, width), rows, null, 0,
                cache);
        return cache;
    }

    /// Dense and sparse, pooled and of one query; heads that are few enough to be read by columns, and many; widths of
    /// no whole vectors.
    @ParameterizedTest
    @CsvSource({"9, 3, 64, 64, 300", "4, 4, 128, 16, 70", "16, 1, 16, 128, 200", "4, 2, 20, 8, 33",
        "20, 1, 64, 64, 65", "6, 2, 16, 24, 1100"})
    void numbersThatFitGiveTheSameToTheBit(int heads, int groups, int width, int block, int tokens) {
        var draw = new Draw(tokens);
        float[] k = rounded(draw.normal(groups * tokens * width));
        float[] v = rounded(draw.normal(groups * tokens * width));
        var wide = cache(ElementType.F32, groups, width, k, v, tokens, 0);
        var halves = cache(ElementType.F16, groups, width, k, v, tokens, 0);
        Tensor q = arena.upload(draw.normal(heads * tokens * width), heads, tokens, width);
        int n = Math.ceilDiv(tokens, block);
        var mask = Draw.mask(draw.blocks(heads, n, 0.5, true), heads, n, block, 0, n);

        assertArrayEquals(attended(q, tokens, wide, mask), attended(q, tokens, halves, mask));
        assertArrayEquals(one(q, tokens, wide), one(q, tokens, halves));
        Tensor logSumExp = arena.allocate(heads, tokens);
        backend.attend(q, tokens, 0, wide, mask, arena.allocate(tokens, heads * width), logSumExp);
        assertArrayEquals(backend.pooledAttention(q, tokens, 0, wide, logSumExp, block, heads - 1),
                backend.pooledAttention(q, tokens, 0, halves, logSumExp, block, heads - 1));
        for (MassPooling pooling : MassPooling.values()) {
            assertArrayEquals(backend.blockMass(q, tokens, 0, wide, logSumExp, block, heads - 1, pooling),
                    backend.blockMass(q, tokens, 0, halves, logSumExp, block, heads - 1, pooling));
        }
        assertArrayEquals(wide.keys().download(), halves.keys().download());
        assertArrayEquals(wide.values().download(), halves.values().download());
        assertEquals(ElementType.F16, halves.type());
        assertEquals(ElementType.F32, wide.type());
    }

    private float[] attended(Tensor q, int tokens, KeyValueCache cache, BlockMask mask) {
        Tensor out = arena.allocate(tokens, q.extent(0) * q.extent(2));
        backend.attend(q, tokens, 0, cache, mask, out, null);
        return out.download();
    }

    private float[] one(Tensor q, int tokens, KeyValueCache cache) {
        Tensor out = arena.allocate(1, q.extent(0) * q.extent(2));
        backend.attendOne(q, tokens - 1, cache, out);
        return out.download();
    }

    /// With many threads each head has tasks of its own, with few those that share keys have theirs in common.
    @ParameterizedTest
    @EnumSource(value = ElementType.class, names = {"F32", "F16", "INT8"})
    void headsThatShareKeysGiveTheSameTogetherAndAlone(ElementType type) {
        int tokens = 700;
        var draw = new Draw(4);
        float[] k = draw.normal(2 * tokens * 64);
        float[] v = draw.normal(2 * tokens * 64);
        float[] q = draw.normal(6 * tokens * 64);
        int n = Math.ceilDiv(tokens, 64);
        boolean[] blocks = draw.blocks(6, n, 0.4, true);
        var results = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (var own = Backends.cpu(i == 0 ? 1 : 16)) {
                var room = own.arena("heads", 0);
                var cache = room.cache(2, tokens, 64, type);
                own.append(room.upload(k, 2, tokens, 64), room.upload(v, 2, tokens, 64), tokens, null, 0, cache);
                Tensor out = room.allocate(tokens, 6 * 64);
                var mask = Draw.mask(blocks, 6, n, 64, 0, n);
                own.attend(room.upload(q, 6, tokens, 64), tokens, 0, cache, mask, out, null);
                results[i] = out.download();
            }
        }
        assertArrayEquals(results[1], results[0]);
    }

    @ParameterizedTest
    @CsvSource({"3, 64, 64", "2, 20, 8", "1, 128, 128"})
    void meansOfBlocksAreThoseOfTheRoundedRows(int groups, int width, int block) {
        int tokens = 5 * block;
        var draw = new Draw(6);
        float[] k = rounded(draw.normal(groups * tokens * width));
        float[] v = rounded(draw.normal(groups * tokens * width));
        var means = new KeyValueCache[2];
        for (int i = 0; i < 2; i++) {
            var cache = cache(i == 0 ? ElementType.F32 : ElementType.F16, groups, width, k, v, tokens, 0);
            means[i] = arena.cache(groups, 6, width);
            backend.averageBlocks(cache, 1, 4, block, means[i]);
        }
        assertArrayEquals(means[0].keys().download(), means[1].keys().download());
        assertArrayEquals(means[0].values().download(), means[1].values().download());
    }

    @Test
    void meansOfABlockAreReadWithoutACopyOfTheCache() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (var alone = Backends.cpu(1)) {
            var room = alone.arena("means", 0);
            var cache = room.cache(4, 16_384, 64, ElementType.F16); // 16 MiB a side as floats
            var means = room.cache(4, 256, 64);
            alone.averageBlocks(cache, 0, 1, 64, means);
            long before = threads.getCurrentThreadAllocatedBytes();
            alone.averageBlocks(cache, 255, 1, 64, means);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < 1 << 20, allocated + " bytes");
        }
    }

    @Test
    void meansInHalvesAreRefused() {
        var cache = arena.cache(1, 128, 64, ElementType.F16);
        var means = arena.cache(1, 2, 64, ElementType.F16);
        assertEquals("means of blocks in f16 on the cpu backend, wanted f32", assertThrows(
                IllegalArgumentException.class, () -> backend.averageBlocks(cache, 0, 1, 64, means)).getMessage());
    }

    @Test
    void keysAreRoundedAfterTheyWereTurned() {
        int tokens = 130;
        var draw = new Draw(2);
        float[] k = draw.normal(2 * tokens * 32);
        float[] v = draw.normal(2 * tokens * 32);
        var rotary = new Rotary(new double[] {1, 0.3, 0.1, 0.02}, 1);
        var caches = new KeyValueCache[2];
        for (int i = 0; i < 2; i++) {
            caches[i] = arena.cache(2, tokens + 9, 32, i == 0 ? ElementType.F32 : ElementType.F16);
            backend.append(arena.upload(k, 2, tokens, 32), arena.upload(v, 2, tokens, 32), 70, rotary, 0, caches[i]);
            backend.append(arena.upload(k, 2, tokens, 32), arena.upload(v, 2, tokens, 32), 60, rotary, 70, caches[i]);
        }
        assertArrayEquals(rounded(caches[0].keys().download()), caches[1].keys().download());
        assertArrayEquals(rounded(caches[0].values().download()), caches[1].values().download());
    }

    @Test
    void memoryComesWithTheRows() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int width = 64;
        Tensor row = arena.upload(new Draw(3).normal(2 * width), 2, 1, width);
        var warm = arena.cache(2, 100_000, width, ElementType.F16);
        backend.append(row, row, 1, null, 0, warm);
        long before = threads.getCurrentThreadAllocatedBytes();
        var cache = arena.cache(2, 100_000, width, ElementType.F16); // 51 MB
        backend.append(row, row, 1, null, 70_000, cache);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 1 << 20, allocated + " bytes");
        float[] keys = cache.keys().download();
        float[] value = rounded(row.download());
        for (int head = 0; head < 2; head++) {
            int at = (head * 100_000 + 70_000) * width;
            assertArrayEquals(Arrays.copyOfRange(value, head * width, (head + 1) * width),
                    Arrays.copyOfRange(keys, at, at + width));
            Arrays.fill(keys, at, at + width, 0);
        }
        assertArrayEquals(new float[keys.length], keys, "rows that never came");
    }

    @Test
    void whatNoHeapCouldHoldIsRefusedAtOnce() {
        var room = backend.arena("too much", 0);
        assertThrows(OutOfMemoryError.class, () -> {
            for (long had = 0; had <= Runtime.getRuntime().maxMemory(); had += 4L << 28) {
                room.cache(1, 1 << 21, 128, ElementType.F16);
            }
        });
    }

    @Test
    void theyTakeHalfTheMemory() {
        assertEquals(2 * 3 * 100 * 64 * 4, backend.cacheBytes(ElementType.F32, 3, 100, 64));
        assertEquals(2 * 3 * 100 * 64 * 2, backend.cacheBytes(ElementType.F16, 3, 100, 64));
        var other = backend.arena("another", 0);
        other.cache(3, 100, 64, ElementType.F16);
        assertEquals(2 * 3 * 100 * 64 * 2, other.bytes());
        other.close();
        assertEquals(0, other.bytes());
    }

    @Test
    void onlyLongCachesOfQuantizedModelsAreChosenToBe() {
        assertEquals(ElementType.F32, backend.cacheType(1 << 20, 0));
        assertEquals(ElementType.F32, backend.cacheType(1 << 20, 4 << 20));
        assertEquals(ElementType.F16, backend.cacheType((1 << 20) + 1, 4 << 20));
        try (var always = Backends.cpu(1, ElementType.F32); var never = Backends.cpu(1, ElementType.F16)) {
            assertEquals(ElementType.F32, always.cacheType(1 << 30, 1));
            assertEquals(ElementType.F16, never.cacheType(1, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> Backends.cpu(1, ElementType.BF16));
        var e = assertThrows(IllegalArgumentException.class, () -> arena.cache(1, 8, 16, ElementType.BF16));
        assertTrue(e.getMessage().contains("wanted f32, f16 or int8"), e.getMessage());
    }

    @Test
    void whatIsTooLargeForThemBecomesInfinite() {
        var k = new float[16];
        Arrays.fill(k, 65_504);
        k[3] = 70_000;
        var cache = cache(ElementType.F16, 1, 16, k, new float[16], 1, 0);
        float[] kept = cache.keys().download();
        assertEquals(65_504, kept[0]);
        assertEquals(Float.POSITIVE_INFINITY, kept[3]);
    }
}
