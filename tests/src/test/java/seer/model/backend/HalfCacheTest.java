package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "20, 1, 64, 64, 65"})
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
        assertTrue(e.getMessage().contains("wanted f32 or f16"), e.getMessage());
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
