package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;

/// The processor: what every backend shows, and that its threads show in nothing but the time.
class CpuBackendTest {

    @Nested
    class Attention extends AttentionFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    @Nested
    class Layers extends LayerFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    @Nested
    class Selection extends SelectionFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    @Nested
    class Backward extends GradientFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    @Nested
    class AttentionBackward extends AttentionGradientFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    @Nested
    class Memory extends ArenaFacts {
        @Override
        protected Backend open() {
            return Backends.cpu(2);
        }
    }

    private static float[] attended(int threads) {
        try (Backend backend = Backends.cpu(threads)) {
            int tokens = 500;
            var draw = new Draw(6);
            Arena arena = backend.arena("the test", 0);
            Tensor q = arena.upload(draw.normal(4 * tokens * 64), 4, tokens, 64);
            KeyValueCache cache = arena.cache(2, tokens, 64);
            backend.append(arena.upload(draw.normal(2 * tokens * 64), 2, tokens, 64),
                    arena.upload(draw.normal(2 * tokens * 64), 2, tokens, 64), tokens, null, 0, cache);
            BlockMask mask = Draw.mask(draw.blocks(4, 8, 0.5, true), 4, 8, 64, 0, 8);
            Tensor out = arena.allocate(tokens, 4 * 64);
            Tensor logSumExp = arena.allocate(4, tokens);
            backend.attend(q, tokens, 0, cache, mask, out, logSumExp);
            float[] both = Arrays.copyOf(out.download(), tokens * 4 * 65);
            System.arraycopy(logSumExp.download(), 0, both, tokens * 4 * 64, tokens * 4);
            return both;
        }
    }

    private static BlockMask selected(int threads) {
        try (Backend backend = Backends.cpu(threads)) {
            int n = 300;
            var draw = new Draw(12);
            Arena arena = backend.arena("the test", 0);
            return backend.select(arena.upload(draw.normal(4 * n * 16), 4, n, 16),
                    arena.upload(draw.normal(2 * n * 16), 2, n, 16), 0, n, n, 64, 1, new TopBlocks(0.1),
                    ForcedBlocks.NONE, arena);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void threadsDoNotChangeResults(int threads) {
        assertArrayEquals(attended(2), attended(threads));
        assertArrayEquals(selected(2).start(), selected(threads).start());
        assertArrayEquals(selected(2).index(), selected(threads).index());
    }

    @Test
    void itNamesItselfAndItsThreads() {
        try (Backend backend = Backends.cpu(2)) {
            assertEquals("cpu", backend.info().backend());
            assertEquals(2, backend.info().threads());
        }
    }
}
