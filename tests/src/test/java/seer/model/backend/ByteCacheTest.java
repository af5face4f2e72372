package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.model.attention.MassPooling;

/// Keys and values in 8 bits: nothing but the rounding on their way in differs from 32 bits, and that is what double
/// precision says.
class ByteCacheTest {
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

    private KeyValueCache cache(ElementType type, int groups, int width, float[] k, float[] v, int capacity) {
        var cache = arena.cache(groups, capacity, width, type);
        int rows = k.length / groups / width;
        backend.append(arena.upload(k, groups, rows, width), arena.upload(v, groups, rows, width), rows, null, 0,
                cache);
        return cache;
    }

    /// The rows that came, of each head.
    private static float[] first(Tensor rows, int count) {
        int width = rows.extent(2);
        float[] all = rows.download();
        var some = new float[rows.extent(0) * count * width];
        for (int head = 0; head < rows.extent(0); head++) {
            System.arraycopy(all, head * rows.extent(1) * width, some, head * count * width, count * width);
        }
        return some;
    }

    @ParameterizedTest
    @CsvSource({"64, 1", "128, 1", "80, 1", "20, 1", "4, 1", "64, 1e-30", "80, 1e30", "64, 1e-42"})
    void eachNumberIsWithinHalfAStep(int width, double size) {
        int tokens = 560; // more than a segment
        float[] k = new Draw(width).normal(2 * tokens * width, size);
        Arrays.fill(k, 5 * width, 6 * width, 0);
        Arrays.fill(k, 7 * width, 8 * width, (float) size);
        var cache = cache(ElementType.INT8, 2, width, k, k, tokens + 3);
        float[] wanted = EightBits.rounded(k, width);
        for (Tensor rows : List.of(cache.keys(), cache.values())) {
            float[] got = first(rows, tokens);
            for (int row = 0; row < k.length; row += width) {
                for (int d = 0; d < width; d++) {
                    int i = row + d;
                    int block = row + d / EightBits.BLOCK * EightBits.BLOCK;
                    double step = EightBits.step(k, block, Math.min(EightBits.BLOCK, row + width - block));
                    // A quotient that 32 bits take for a half is one but for their rounding.
                    assertTrue(Math.abs(got[i] - k[i]) <= step * (0.5 + 1e-5) && Math.abs(got[i]) <= 127 * step,
                            "row " + row / width + ", column " + d + ": " + k[i] + " became " + got[i] + ", a step is "
                                    + step);
                    assertEquals(wanted[i], got[i], Math.abs(wanted[i] - k[i]) < step * (0.5 - 1e-5) ? 0 : step,
                            "row " + row / width + ", column " + d + " of " + k[i]);
                }
            }
        }
    }

    /// Whole numbers of a step of their block, the largest of which is 127.
    private static float[] fitting(Draw draw, int rows, int width) {
        float[] values = draw.normal(rows * width, 40);
        float[] steps = draw.normal(rows * width);
        for (int row = 0; row < values.length; row += width) {
            for (int d = 0; d < width; d++) {
                int block = d / EightBits.BLOCK * EightBits.BLOCK;
                float step = Float.intBitsToFloat(Float.floatToRawIntBits(steps[row + block] / 127) & 0xFFFF0000);
                int number = d == block ? 127 : Math.clamp(Math.round(values[row + d]), -127, 127);
                values[row + d] = number == 0 ? 0 : step * number;
            }
        }
        return values;
    }

    /// Dense and sparse, pooled and of one query; heads that are few enough to be read by columns, and many; widths of
    /// no whole vectors and of no whole blocks.
    @ParameterizedTest
    @CsvSource({"9, 3, 64, 64, 300", "4, 4, 128, 16, 70", "6, 2, 80, 32, 600", "16, 1, 16, 128, 200", "4, 2, 20, 8, 33",
        "20, 1, 64, 64, 65", "6, 2, 16, 24, 1100"})
    void numbersThatFitGiveTheSameToTheBit(int heads, int groups, int width, int block, int tokens) {
        var draw = new Draw(tokens);
        float[] k = fitting(draw, groups * tokens, width);
        float[] v = fitting(draw, groups * tokens, width);
        var wide = cache(ElementType.F32, groups, width, k, v, tokens + 5);
        var bytes = cache(ElementType.INT8, groups, width, k, v, tokens + 5);
        Tensor q = arena.upload(draw.normal(heads * tokens * width), heads, tokens, width);
        int n = Math.ceilDiv(tokens, block);
        var mask = Draw.mask(draw.blocks(heads, n, 0.5, true), heads, n, block, 0, n);

        assertArrayEquals(wide.keys().download(), bytes.keys().download());
        assertArrayEquals(wide.values().download(), bytes.values().download());
        assertArrayEquals(attended(q, tokens, wide, mask), attended(q, tokens, bytes, mask));
        assertArrayEquals(corrected(q, tokens, wide), corrected(q, tokens, bytes));
        assertArrayEquals(one(q, tokens, wide), one(q, tokens, bytes));
        Tensor logSumExp = arena.allocate(heads, tokens);
        backend.attend(q, tokens, 0, wide, mask, arena.allocate(tokens, heads * width), logSumExp);
        assertArrayEquals(backend.pooledAttention(q, tokens, 0, wide, logSumExp, block, heads - 1),
                backend.pooledAttention(q, tokens, 0, bytes, logSumExp, block, heads - 1));
        for (MassPooling pooling : MassPooling.values()) {
            assertArrayEquals(backend.blockMass(q, tokens, 0, wide, logSumExp, block, heads - 1, pooling),
                    backend.blockMass(q, tokens, 0, bytes, logSumExp, block, heads - 1, pooling));
        }
        assertEquals(ElementType.INT8, bytes.type());
    }

    private float[] attended(Tensor q, int tokens, KeyValueCache cache, BlockMask mask) {
        Tensor out = arena.allocate(tokens, q.extent(0) * q.extent(2));
        backend.attend(q, tokens, 0, cache, mask, out, null);
        return out.download();
    }

    private float[] corrected(Tensor q, int tokens, KeyValueCache cache) {
        Tensor out = arena.allocate(tokens, q.extent(0) * q.extent(2));
        backend.addDeltas(q, tokens, 0, 7, cache, out, arena.allocate(q.extent(0), tokens));
        return out.download();
    }

    private float[] one(Tensor q, int tokens, KeyValueCache cache) {
        Tensor out = arena.allocate(1, q.extent(0) * q.extent(2));
        backend.attendOne(q, tokens - 1, cache, out);
        return out.download();
    }

    @ParameterizedTest
    @CsvSource({"3, 64, 64", "2, 20, 8", "1, 128, 128", "2, 80, 64"})
    void meansOfBlocksAreThoseOfTheRoundedRows(int groups, int width, int block) {
        int tokens = 5 * block;
        var draw = new Draw(6);
        float[] k = fitting(draw, groups * tokens, width);
        float[] v = fitting(draw, groups * tokens, width);
        var means = new KeyValueCache[2];
        for (int i = 0; i < 2; i++) {
            var cache = cache(i == 0 ? ElementType.F32 : ElementType.INT8, groups, width, k, v, tokens);
            means[i] = arena.cache(groups, 6, width);
            backend.averageBlocks(cache, 1, 4, block, means[i]);
        }
        assertArrayEquals(means[0].keys().download(), means[1].keys().download());
        assertArrayEquals(means[0].values().download(), means[1].values().download());
    }

    /// Rows by rows, across the edges of segments, in any pieces, as at once; what stood there before does not matter.
    @ParameterizedTest
    @ValueSource(ints = {64, 80})
    void rowsThatComeLaterAreAsThoseThatCameAtOnce(int width) {
        int tokens = 1100;
        float[] k = new Draw(8).normal(2 * tokens * width);
        float[] old = new Draw(9).normal(2 * tokens * width, 100);
        var whole = cache(ElementType.INT8, 2, width, k, k, tokens);
        var pieces = cache(ElementType.INT8, 2, width, old, old, tokens);
        int at = 0;
        for (int rows : new int[] {1, 510, 2, 500, 1, 86}) {
            var part = new float[2 * rows * width];
            for (int head = 0; head < 2; head++) {
                System.arraycopy(k, (head * tokens + at) * width, part, head * rows * width, rows * width);
            }
            Tensor x = arena.upload(part, 2, rows, width);
            backend.append(x, x, rows, null, at, pieces);
            at += rows;
        }
        assertEquals(tokens, at);
        assertArrayEquals(whole.keys().download(), pieces.keys().download());
        assertArrayEquals(whole.values().download(), pieces.values().download());
    }

    @Test
    void keysAreRoundedAfterTheyWereTurned() {
        int tokens = 130;
        var draw = new Draw(2);
        float[] k = draw.normal(2 * tokens * 32);
        var rotary = new Rotary(new double[] {1, 0.3, 0.1, 0.02}, 1);
        var caches = new KeyValueCache[2];
        for (int i = 0; i < 2; i++) {
            caches[i] = arena.cache(2, tokens, 32, i == 0 ? ElementType.F32 : ElementType.INT8);
            Tensor x = arena.upload(k, 2, tokens, 32);
            backend.append(x, x, 70, rotary, 0, caches[i]);
            backend.append(x, x, 60, rotary, 70, caches[i]);
        }
        var again = cache(ElementType.INT8, 2, 32, caches[0].keys().download(), caches[0].values().download(), tokens);
        assertArrayEquals(again.keys().download(), caches[1].keys().download());
        assertArrayEquals(again.values().download(), caches[1].values().download());
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void whatIsNoFiniteNumberMakesItsBlockNaN(float broken) {
        for (int column : new int[] {0, 31, 40, 79}) {
            float[] k = new Draw(5).normal(3 * 80);
            k[80 + column] = broken;
            float[] kept = cache(ElementType.INT8, 1, 80, k, k, 3).keys().download();
            for (int i = 0; i < kept.length; i++) {
                boolean same = i / 80 == 1 && i % 80 / EightBits.BLOCK == column / EightBits.BLOCK;
                assertEquals(same, Float.isNaN(kept[i]), "element " + i + " with " + broken + " at " + column);
            }
        }
    }

    @Test
    void theLargestOfFloatsFits() {
        var k = new float[64];
        Arrays.fill(k, Float.MAX_VALUE);
        k[1] = -Float.MAX_VALUE;
        float[] kept = cache(ElementType.INT8, 1, 64, k, k, 1).keys().download();
        assertEquals(1, kept[0] / Float.MAX_VALUE, 1e-2);
        assertEquals(-kept[0], kept[1]);
    }

    @Test
    void memoryComesWithTheRows() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int width = 64;
        float[] one = fitting(new Draw(3), 2, width);
        Tensor row = arena.upload(one, 2, 1, width);
        backend.append(row, row, 1, null, 0, arena.cache(2, 100_000, width, ElementType.INT8));
        long before = threads.getCurrentThreadAllocatedBytes();
        var cache = arena.cache(2, 100_000, width, ElementType.INT8); // 27 MB
        backend.append(row, row, 1, null, 70_000, cache);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 1 << 20, allocated + " bytes");
        float[] keys = cache.keys().download();
        for (int head = 0; head < 2; head++) {
            int at = (head * 100_000 + 70_000) * width;
            assertArrayEquals(Arrays.copyOfRange(one, head * width, (head + 1) * width),
                    Arrays.copyOfRange(keys, at, at + width));
            Arrays.fill(keys, at, at + width, 0);
        }
        assertArrayEquals(new float[keys.length], keys, "rows that never came");
    }

    @ParameterizedTest
    @CsvSource({"64, 68", "80, 86", "128, 136", "20, 22"})
    void memoryIsCountedAsItIsTaken(int width, int ofRow) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int tokens = 2048;
        float[] k = new Draw(3).normal(3 * tokens * width);
        Tensor x = arena.upload(k, 3, tokens, width);
        long bytes = 2L * 3 * tokens * ofRow;
        assertEquals(bytes, backend.cacheBytes(ElementType.INT8, 3, tokens, width));
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 500 && least > 1.02 * bytes; i++) { // vectors are objects until they are compiled
            var other = backend.arena("another", 0);
            long before = threads.getCurrentThreadAllocatedBytes();
            backend.append(x, x, tokens, null, 0, other.cache(3, tokens, width, ElementType.INT8));
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            assertEquals(bytes, other.bytes());
            other.close();
            assertEquals(0, other.bytes());
        }
        assertEquals(1, (double) least / bytes, 0.02, least + " bytes were allocated");
    }

    @Test
    void theyAreChosenWithProductsOfWholeNumbersWhereSixteenBitsWouldBe() {
        try (var rounding = Backends.cpuInt8(1); var always = Backends.cpu(1, ElementType.INT8)) {
            assertEquals(ElementType.F32, rounding.cacheType(1 << 20, 0));
            assertEquals(ElementType.F32, rounding.cacheType(1 << 20, 4 << 20));
            assertEquals(ElementType.INT8, rounding.cacheType((1 << 20) + 1, 4 << 20));
            assertEquals(ElementType.INT8, always.cacheType(1, 0));
        }
    }

    @Test
    void theyAreRefusedWhereNobodyReadsThem() {
        var cache = arena.cache(1, 128, 64, ElementType.INT8);
        var means = arena.cache(1, 2, 64, ElementType.INT8);
        assertEquals("means of blocks in int8 on the cpu backend, wanted f32", assertThrows(
                IllegalArgumentException.class, () -> backend.averageBlocks(cache, 0, 1, 64, means)).getMessage());
        arena.close();
        assertThrows(IllegalStateException.class, cache::keys);
    }

    @Test
    void whatNoHeapCouldHoldIsRefusedAtOnce() {
        assertThrows(OutOfMemoryError.class, () -> {
            for (long had = 0; had <= Runtime.getRuntime().maxMemory(); had += 2L << 28) {
                arena.cache(1, 1 << 21, 128, ElementType.INT8);
            }
        });
    }
}
