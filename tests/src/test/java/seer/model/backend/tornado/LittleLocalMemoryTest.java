package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import seer.kernels.attention.BlockSparseAttentionBlocked;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Tensor;
import seer.sim.Settings;
import seer.sim.Simulator;

/// A device that has no more than OpenCL asks for, 32 KiB for a group: attention takes a smaller kernel. Only on the
/// simulator, which refuses a kernel that takes more.
class LittleLocalMemoryTest {
    private static final int LITTLE = 32 * 1024;
    private static final Settings SETTINGS = Settings.DEFAULT.withLocalBytes(LITTLE);

    @Test
    void attentionTakesTheRungThatFits() {
        assertTrue(BlockSparseAttentionTiled.LOCAL_BYTES > LITTLE);
        assertTrue(BlockSparseAttentionBlocked.LOCAL_BYTES <= 16 * 1024);
        Simulator.with(SETTINGS, () -> {
            try (var both = new Both()) {
                both.agree("attention", 7, 1e-5, in -> attention(in, 70, 64, 64));
                both.agree("attention", 8, 1e-5, in -> attention(in, 33, 16, 8));
            }
        });
    }

    /// Sparse attention with log-sum-exps, behind earlier tokens.
    private static float[] attention(Both.Inputs in, int rows, int D, int B) {
        Backend backend = in.backend();
        int offset = 2 * B;
        Tensor q = in.tensor(4, rows, D);
        KeyValueCache cache = in.cache(2, offset + rows, D);
        Tensor out = in.arena().allocate(rows, 4 * D);
        Tensor lse = in.arena().allocate(4, rows);
        backend.attend(q, rows, offset, cache, TornadoBackendTest.everyOther(4, B, 2, Math.ceilDiv(rows, B)), out, lse);
        Tensor dense = in.arena().allocate(rows, 4 * D);
        backend.attend(q, rows, offset, cache, BlockMask.dense(4, B, 2, Math.ceilDiv(rows, B)), dense, null);
        return TornadoBackendTest.join(out, lse, dense);
    }

    /// Choosing blocks has one kernel a rule, and it is larger.
    @Test
    void whatHasNoSmallerRungIsOneSentence() {
        Simulator.with(SETTINGS, () -> {
            try (var backend = new TornadoBackend(); Arena arena = backend.arena("the test", 0)) {
                Tensor q = arena.allocate(1, 5, 16);
                Tensor k = arena.allocate(1, 5, 16);
                var e = assertThrows(BackendUnavailableException.class, () -> backend.select(q, k, 0, 5, 5, 64, 0.25,
                        new SelectionRule.TopBlocks(0.5), ForcedBlocks.NONE, arena));
                assertTrue(e.getMessage().contains("bytes of local memory, the device has 32,768"), e.getMessage());
            }
        });
    }
}
