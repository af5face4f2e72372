package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.BlockSparseAttentionBackward;
import seer.model.attention.BlockMask;
import seer.support.PlainLayer;
import seer.support.Slopes;

/// The gradient of attention against the double-precision one, and that one against finite differences.
abstract class AttentionGradientFacts extends BackendFacts {

    /// Random attention, and a derivative by its output.
    private record Problem(int H, int G, int T, int D, int B, float[] q, float[] k, float[] v, float[] dO) {
        static Problem draw(int H, int G, int T, int D, int B) {
            var draw = new Draw(17L * T + 5L * H + D + B);
            return new Problem(H, G, T, D, B, draw.normal(H * T * D), draw.normal(G * T * D), draw.normal(G * T * D),
                    draw.normal(T * H * D));
        }

        int n() {
            return Math.ceilDiv(T, B);
        }

        /// Some rows have no block at all.
        boolean[] blocks() {
            boolean[] keep = new Draw(T).blocks(H, n(), 0.4, true);
            for (int row = 0; row < H * n(); row++) {
                if (row % 7 == 5) {
                    Arrays.fill(keep, row * n(), (row + 1) * n(), false);
                }
            }
            return keep;
        }

        BlockSparseAttentionBackward.Slopes wanted(boolean[] keep) {
            return BlockSparseAttentionBackward.reference(q, k, v, dO, keep, H, G, T, D, B);
        }

        double loss(boolean[] keep) {
            return PlainLayer.dot(dO, BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B).o());
        }
    }

    private record Answer(float[] dq, float[] dk, float[] dv) { }

    private Answer answer(Problem p, BlockMask mask) {
        int spare = 5;
        Tensor q = arena.upload(longer(p.q, p.H, p.T * p.D, spare * p.D), p.H, p.T + spare, p.D);
        KeyValueCache cache = cache(longer(p.k, p.G, p.T * p.D, spare * p.D),
                longer(p.v, p.G, p.T * p.D, spare * p.D), p.G, p.T + spare, p.D);
        Tensor o = arena.allocate(p.T, p.H * p.D);
        Tensor lse = arena.allocate(p.H, p.T + 1);
        backend.attend(q, p.T, 0, cache, mask, o, lse);
        Tensor dq = arena.upload(longer(p.q, p.H, p.T * p.D, p.D), p.H, p.T + 1, p.D);
        Tensor dk = arena.allocate(p.G, p.T, p.D);
        Tensor dv = arena.allocate(p.G, p.T + 2, p.D);
        backend.gradients().orElseThrow().attend(q, p.T, cache, mask, o, lse, arena.upload(p.dO, p.T, p.H * p.D), dq,
                dk, dv);
        return new Answer(shorter(dq.download(), p.H, p.T * p.D), dk.download(),
                shorter(dv.download(), p.G, p.T * p.D));
    }

    /// Each of `heads` runs of `length` values followed by `spare` NaN.
    private static float[] longer(float[] values, int heads, int length, int spare) {
        var result = new float[heads * (length + spare)];
        Arrays.fill(result, Float.NaN);
        for (int h = 0; h < heads; h++) {
            System.arraycopy(values, h * length, result, h * (length + spare), length);
        }
        return result;
    }

    private static float[] shorter(float[] values, int heads, int length) {
        var result = new float[heads * length];
        for (int h = 0; h < heads; h++) {
            System.arraycopy(values, h * (values.length / heads), result, h * length, length);
        }
        return result;
    }

    private void check(Problem p, Answer got, BlockSparseAttentionBackward.Slopes wanted) {
        String what = p.H + "/" + p.G + " heads, T " + p.T + ", D " + p.D + ", B " + p.B + ": ";
        Slopes.assertClose(what + "dv", wanted.dv(), got.dv, 1e-5);
        if (p.T > 1) { // a single query has but one key to choose, whatever it is
            Slopes.assertClose(what + "dq", wanted.dq(), got.dq, 2e-5);
            Slopes.assertClose(what + "dk", wanted.dk(), got.dk, 2e-5);
        }
    }

    Stream<Arguments> denseEqualsTheReference() {
        return within(arguments(1, 2, 1, 16, 64), arguments(5, 1, 1, 64, 64), arguments(63, 4, 2, 16, 16),
                arguments(64, 2, 2, 80, 64), arguments(65, 8, 1, 16, 32), arguments(70, 7, 1, 20, 24),
                arguments(130, 4, 2, 64, 64), arguments(257, 2, 1, 128, 128), arguments(300, 2, 1, 16, 192));
    }

    @ParameterizedTest
    @MethodSource
    void denseEqualsTheReference(int T, int H, int G, int D, int B) {
        Problem p = Problem.draw(H, G, T, D, B);
        check(p, answer(p, BlockMask.dense(H, B, 0, p.n())), p.wanted(null));
    }

    Stream<Arguments> sparseEqualsTheReference() {
        return within(arguments(65, 4, 2, 16, 8), arguments(70, 4, 1, 64, 16), arguments(69, 7, 1, 16, 16),
                arguments(300, 4, 2, 64, 64), arguments(257, 4, 2, 16, 32), arguments(300, 2, 1, 16, 100),
                arguments(500, 2, 1, 32, 128));
    }

    @ParameterizedTest
    @MethodSource
    void sparseEqualsTheReference(int T, int H, int G, int D, int B) {
        Problem p = Problem.draw(H, G, T, D, B);
        boolean[] keep = p.blocks();
        check(p, answer(p, Draw.mask(keep, H, p.n(), B, 0, p.n())), p.wanted(keep));
    }

    /// The same mask, written as lists and as dense, is the same gradient to the bit.
    @Test
    void denseIsTheSameKernel() {
        Problem p = Problem.draw(2, 1, rows(130), 16, 32);
        var keep = new boolean[2 * p.n() * p.n()];
        Arrays.fill(keep, true);
        for (int row = 0; row < 2 * p.n(); row++) {
            Arrays.fill(keep, row * p.n() + row % p.n() + 1, (row + 1) * p.n(), false);
        }
        Answer listed = answer(p, Draw.mask(keep, 2, p.n(), 32, 0, p.n()));
        Answer dense = answer(p, BlockMask.dense(2, 32, 0, p.n()));
        assertArrayEquals(dense.dq, listed.dq);
        assertArrayEquals(dense.dk, listed.dk);
        assertArrayEquals(dense.dv, listed.dv);
    }

    @Test
    void finiteDifferencesSayTheSame() {
        Problem p = Problem.draw(4, 2, 21, 8, 8);
        boolean[] keep = p.blocks();
        DoubleSupplier loss = () -> p.loss(keep);
        Answer got = answer(p, Draw.mask(keep, 4, p.n(), 8, 0, p.n()));
        Slopes.assertClose("dq", Slopes.of(p.q, loss), got.dq, 1e-4);
        Slopes.assertClose("dk", Slopes.of(p.k, loss), got.dk, 1e-4);
        Slopes.assertClose("dv", Slopes.of(p.v, loss), got.dv, 1e-4);
    }

    /// Keys that nobody lists get nothing, and are not read.
    @Test
    void unlistedKeysGetNothing() {
        Problem p = Problem.draw(1, 1, rows(70), 16, 16);
        int n = p.n();
        var keep = new boolean[n * n];
        for (int i = 0; i < n; i++) {
            keep[i * n] = true;
        }
        Arrays.fill(p.k, 16 * 16, 70 * 16, Float.NaN);
        Arrays.fill(p.v, 16 * 16, 70 * 16, Float.NaN);
        Answer got = answer(p, Draw.mask(keep, 1, n, 16, 0, n));
        assertArrayEquals(new float[54 * 16], Arrays.copyOfRange(got.dk, 16 * 16, 70 * 16));
        assertArrayEquals(new float[54 * 16], Arrays.copyOfRange(got.dv, 16 * 16, 70 * 16));
    }

    /// Slopes by turned queries and keys are turned back on their way to the projection.
    @Test
    void projectionsTurnSlopesBack() {
        int T = 7;
        int C = 12;
        int D = 8;
        var draw = new Draw(9);
        Tensor x = arena.upload(draw.normal(T * C), T, C);
        Tensor norm = arena.upload(draw.normal(C), C);
        Matrix qkv = arena.matrix(List.of(Draw.weights(draw.normal(4 * D * C), 4 * D, C)));
        float[] q = draw.normal(2 * T * D);
        float[] k = draw.normal(T * D);
        Tensor dv = arena.upload(draw.normal(T * D), 1, T, D);
        var rotary = Rotary.plain(D, 10_000);
        Gradients gradients = backend.gradients().orElseThrow();
        var got = new float[2][];
        for (int i = 0; i < 2; i++) {
            Tensor dq = arena.upload(q, 2, T, D);
            Tensor dk = arena.upload(k, 1, T, D);
            if (i == 0) {
                Gradients.turnBack(backend, rotary, T, dq, dk);
            }
            Tensor dx = arena.allocate(T, C);
            gradients.project(x, T, norm, 1e-5, qkv, i == 0 ? null : rotary, dq, dk, dv, dx, null, null, null);
            got[i] = dx.download();
        }
        assertArrayEquals(got[0], got[1]);
        Tensor dq = arena.upload(q, 2, T, D);
        Tensor dk = arena.upload(k, 1, T, D);
        assertThrows(IllegalArgumentException.class, () -> gradients.project(x, T, norm, 1e-5, qkv,
                Rotary.plain(2 * D, 10_000), dq, dk, dv, arena.allocate(T, C), null, null, null));
    }
}
