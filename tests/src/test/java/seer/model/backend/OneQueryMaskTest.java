package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.attention.OneQueryAttention;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.support.Conformance;
import seer.support.Tornado;

/// One query against the blocks of a mask, on the processor and by task graphs, against the plain kernel's reference
/// over the keys that it sees.
@Conformance
class OneQueryMaskTest {
    private static List<Backend> backends;

    @BeforeAll
    static void open() {
        backends = new ArrayList<>(List.of(Backends.cpu(3), Tornado.open()));
        if (Tornado.onTensorCores()) {
            backends.add(Tornado.open(ElementType.BF16));
        }
    }

    @AfterAll
    static void close() {
        backends.forEach(Backend::close);
    }

    /// Lists of each head of the mask: about a third of the causal blocks.
    private static BlockMask mask(int heads, int block, int position, SplittableRandom random) {
        var start = new int[heads + 1];
        var index = new ArrayList<Integer>();
        for (int head = 0; head < heads; head++) {
            for (int j = 0; j <= position / block; j++) {
                if (random.nextInt(3) == 0 || j == position / block && head == 0) {
                    index.add(j);
                }
            }
            start[head + 1] = index.size();
        }
        return new BlockMask(heads, block, position / block, 1, start, index.stream().mapToInt(i -> i).toArray());
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 16, 64, 0, true", "4, 2, 16, 64, 130, false", "4, 2, 64, 16, 257, true",
        "6, 1, 80, 5, 63, false", "2, 2, 128, 64, 64, true", "3, 3, 16, 1, 65, true", "2, 1, 64, 64, 3000, false",
        "8, 2, 16, 64, 3000, true", "4, 2, 128, 16, 100, true", "4, 4, 64, 128, 257, false"})
    void onlyListedBlocksAreSeen(int heads, int groups, int width, int block, int position, boolean ofKeys) {
        var random = new SplittableRandom(position + heads);
        int capacity = position + 9;
        var mask = mask(ofKeys ? groups : heads, block, position, random);
        float[] q = drawn(heads * 2 * width, random);
        float[] keys = drawn(groups * capacity * width, random);
        float[] values = drawn(groups * capacity * width, random);
        var wanted = new double[heads * width];
        var unseen = new boolean[groups * capacity];
        Arrays.fill(unseen, true);
        for (int head = 0; head < heads; head++) {
            int group = head / (heads / groups);
            int of = ofKeys ? group : head;
            int[] seen = IntStream.rangeClosed(0, position)
                    .filter(t -> mask.keeps(of, position / block, t / block)).map(t -> group * capacity + t).toArray();
            Arrays.stream(seen).forEach(t -> unseen[t] = false);
            if (seen.length > 0) {
                System.arraycopy(OneQueryAttention.reference(Arrays.copyOfRange(q, head * 2 * width,
                        head * 2 * width + width), rows(keys, seen, width), rows(values, seen, width), 1, 1,
                        seen.length, width), 0, wanted, head * width, width);
            }
        }
        for (int t = 0; t < unseen.length; t++) { // what nobody sees may be anything
            if (unseen[t]) {
                Arrays.fill(keys, t * width, (t + 1) * width, Float.NaN);
                Arrays.fill(values, t * width, (t + 1) * width, Float.NaN);
            }
        }
        for (Backend backend : backends) {
            boolean rounded = backend.precision() == ElementType.BF16;
            if (rounded && width != 64 && width != 128) {
                continue;
            }
            try (Arena arena = backend.arena("the test", 0)) {
                Tensor out = arena.activations(floats(2 * heads * width, Float.NaN), 2, heads * width);
                backend.attendOne(arena.activations(q, heads, 2, width), position,
                        cache(arena, keys, values, groups, capacity, width), mask, out);
                float[] got = out.download();
                for (int i = 0; i < wanted.length; i++) {
                    assertEquals(wanted[i], got[i], rounded ? 2e-2 : 2e-5, backend.info().backend() + " "
                            + backend.arithmetic() + ", element " + i);
                }
            }
        }
    }

    @Test
    void withoutAMaskEveryKeyIsSeen() {
        var random = new SplittableRandom(1);
        float[] x = drawn(2 * 100 * 64, random);
        for (Backend backend : backends) {
            try (Arena arena = backend.arena("the test", 0)) {
                var cache = cache(arena, x, x, 2, 100, 64);
                Tensor q = arena.activations(Arrays.copyOf(x, 4 * 64), 4, 1, 64);
                Tensor dense = arena.activations(1, 256);
                backend.attendOne(q, 90, cache, dense);
                var every = BlockMask.dense(2, 16, 5, 1);
                for (BlockMask mask : Arrays.asList(null, every,
                        new BlockMask(2, 16, 5, 1, every.start(), every.index()))) {
                    Tensor out = arena.activations(1, 256);
                    backend.attendOne(q, 90, cache, mask, out);
                    assertArrayEquals(dense.download(), out.download(), 1e-5f, backend.arithmetic());
                }
            }
        }
    }

    @Test
    void masksOfOtherRowsOrHeadsAreRefused() {
        for (Backend backend : backends) {
            Arena arena = backend.arena("the test", 0);
            var cache = arena.cache(2, 100, 64);
            Tensor q = arena.activations(4, 1, 64);
            Tensor out = arena.activations(1, 256);
            for (BlockMask mask : List.of(BlockMask.dense(4, 16, 4, 1), BlockMask.dense(4, 16, 6, 1),
                    BlockMask.dense(4, 16, 5, 2), BlockMask.dense(3, 16, 5, 1), BlockMask.dense(1, 16, 5, 1))) {
                String message = assertThrows(IllegalArgumentException.class,
                        () -> backend.attendOne(q, 90, cache, mask, out)).getMessage();
                assertTrue(message.startsWith("the mask has ") && message.contains("wanted"), message);
            }
        }
    }

    @Test
    void tensorCoresRefuseHeadsOfOtherWidths() {
        for (Backend backend : backends) {
            if (backend.precision() == ElementType.BF16) {
                Arena arena = backend.arena("the test", 0);
                String message = assertThrows(IllegalArgumentException.class, () -> arena.cache(2, 100, 80))
                        .getMessage();
                assertEquals("heads are 80 wide, tensor cores are used for 64 and 128: take --precision f32", message);
            }
        }
    }

    private static KeyValueCache cache(Arena arena, float[] keys, float[] values, int groups, int capacity,
                                       int width) {
        var cache = arena.cache(groups, capacity, width);
        arena.backend().append(arena.activations(keys, groups, capacity, width),
                arena.activations(values, groups, capacity, width), capacity, null, 0, cache);
        return cache;
    }

    private static float[] rows(float[] x, int[] rows, int width) {
        var some = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(x, rows[i] * width, some, i * width, width);
        }
        return some;
    }

    private static float[] drawn(int count, SplittableRandom random) {
        var drawn = new float[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return drawn;
    }

    private static float[] floats(int count, float value) {
        var floats = new float[count];
        Arrays.fill(floats, value);
        return floats;
    }
}
