package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import seer.support.Tornado;

/// A text so long that groups share the lists of its last rows, on tensor cores and in 32 bits on the processor.
@Conformance
@OnTensorCores
class LastRowsTest {
    private static final int H = 2;
    private static final int D = 64;
    /// Tiles of keys from which on rows are shared.
    private static final int LONG = 64 * 64;

    private static final double TOLERANCE = 1.5e-2;

    /// The first block, the diagonal and, of the last two rows, every other block and all but one.
    private static BlockMask mask(int block, int first, int rows) {
        var start = new int[H * rows + 1];
        var index = new ArrayList<Integer>();
        for (int r = 0; r < H * rows; r++) {
            int row = first + r % rows;
            int left = rows - 1 - r % rows;
            for (int j = 0; j <= row; j++) {
                if (j == 0 || j == row || left == 1 && j % 2 == 0 || left == 0 && j != 7) {
                    index.add(j);
                }
            }
            start[r + 1] = index.size();
        }
        return new BlockMask(H, block, first, rows, start, index.stream().mapToInt(i -> i).toArray());
    }

    /// Numbers that bf16 holds.
    private static float[] drawn(int count, long seed) {
        var random = new SplittableRandom(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(-64, 65) / 32f;
        }
        return values;
    }

    private static KeyValueCache cache(Arena arena, int tokens) {
        KeyValueCache cache = arena.cache(1, tokens, D);
        arena.backend().append(arena.activations(drawn(tokens * D, 1), 1, tokens, D),
                arena.activations(drawn(tokens * D, 2), 1, tokens, D), tokens, null, 0, cache);
        return cache;
    }

    /// What is to be the same on both.
    private interface Work {
        float[][] of(Backend backend, Arena arena);
    }

    private static void check(Work work) {
        float[][] wanted;
        try (Backend cpu = Backends.cpu(2); Arena arena = cpu.arena("the test", 0)) {
            wanted = work.of(cpu, arena);
        }
        try (Backend backend = Tornado.open(ElementType.BF16); Arena arena = backend.arena("the test", 0)) {
            float[][] got = work.of(backend, arena);
            for (int i = 0; i < wanted.length; i++) {
                double off = 0;
                double size = 0;
                for (int j = 0; j < wanted[i].length; j++) {
                    off += Math.pow(wanted[i][j] - got[i][j], 2);
                    size += Math.pow(wanted[i][j], 2);
                }
                assertTrue(Math.sqrt(off) <= TOLERANCE * Math.sqrt(size), "of result " + i + " relative L2 is "
                        + Math.sqrt(off / size));
            }
        }
    }

    /// The last token of a text, behind all others.
    @Test
    void oneRowIsSharedByGroups() {
        attention(64, 1);
    }

    /// The last chunk of a text; the last tile of rows is not full.
    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"64, 130", "128, 120"})
    void attentionIsThatOfTheProcessor(int block, int rows) {
        attention(block, rows);
    }

    private static void attention(int block, int rows) {
        check((backend, arena) -> {
            Tensor out = arena.activations(rows, H * D);
            Tensor sums = arena.allocate(H, rows);
            backend.attend(arena.activations(drawn(H * rows * D, 3), H, rows, D), rows, LONG, cache(arena, LONG + rows),
                    mask(block, LONG / block, Math.ceilDiv(rows, block)), out, sums);
            return new float[][] {out.download(), sums.download()};
        });
    }

    @Tag("slow")
    @Test
    void gradientsAreThoseOfTheProcessor() {
        int rows = LONG + 10;
        check((backend, arena) -> {
            BlockMask mask = mask(64, 0, Math.ceilDiv(rows, 64));
            KeyValueCache cache = cache(arena, rows);
            Tensor q = arena.activations(drawn(H * rows * D, 3), H, rows, D);
            Tensor out = arena.activations(rows, H * D);
            Tensor sums = arena.allocate(H, rows);
            backend.attend(q, rows, 0, cache, mask, out, sums);
            Tensor dq = arena.activations(H, rows, D);
            Tensor dk = arena.activations(1, rows, D);
            Tensor dv = arena.activations(1, rows, D);
            backend.gradients().orElseThrow().attend(q, rows, cache, mask, out, sums,
                    arena.activations(drawn(rows * H * D, 4), rows, H * D), dq, dk, dv);
            float[] slopes = dq.download();
            return new float[][] {slopes, Arrays.copyOfRange(slopes, (rows - 74) * D, rows * D), dk.download(),
                    dv.download()};
        });
    }
}
