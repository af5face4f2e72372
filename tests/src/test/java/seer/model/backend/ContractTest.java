package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.model.attention.BlockMask;
import seer.model.attention.Pooling;
import seer.model.load.MalformedModelException;

/// The contract of the operations: what fits passes, and each operand that does not is named.
class ContractTest {
    private static final int H = 4;
    private static final int G = 2;
    private static final int D = 8;
    private static final int C = 24;
    private static final int T = 70;

    private static Tensor tensor(int... shape) {
        return new Tensor() {
            @Override
            public int[] shape() {
                return shape;
            }

            @Override
            public float[] download() {
                throw new AssertionError("the contract looks at shapes alone");
            }
        };
    }

    private record Shaped(int outputs, int inputs) implements Matrix { }

    private static void refused(String what, Executable operation) {
        var e = assertThrows(IllegalArgumentException.class, operation);
        assertTrue(e.getMessage().contains(what), () -> "wanted '" + what + "' in: " + e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    @Test
    void memory() {
        assertEquals(6, Contract.elements(2, 3));
        assertEquals(5L << 32, Contract.elements(5, 1 << 16, 1 << 16));
        refused("a tensor extent is -1", () -> Contract.elements(2, -1));
        refused("a tensor has more than 2^31 elements", () -> Contract.inOneArray("a tensor", 1L << 31));
        refused("values of a tensor: got 5, wanted 6", () -> Contract.upload(new float[5], 2, 3));
        refused("at least one weight tensor", () -> Contract.matrix(List.of()));
        var wide = Draw.weights(new float[6], 2, 3);
        assertEquals(5, Contract.matrix(List.of(wide, Draw.weights(new float[9], 3, 3))));
        assertThrows(MalformedModelException.class,
                () -> Contract.matrix(List.of(wide, Draw.weights(new float[8], 2, 4))));
    }

    @Test
    void embed() {
        var table = new Shaped(10, C);
        assertDoesNotThrow(() -> Contract.embed(table, new int[] {99, 9, 0}, 1, 2, tensor(2, C)));
        refused("token 10 at 1", () -> Contract.embed(table, new int[] {1, 10}, 0, 2, tensor(2, C)));
        refused("token -1 at 0", () -> Contract.embed(table, new int[] {-1}, 0, 1, tensor(2, C)));
        refused("x is [1, 24], wanted at least 2", () -> Contract.embed(table, new int[2], 0, 2, tensor(1, C)));
        refused("x is [2, 23], wanted 24", () -> Contract.embed(table, new int[2], 0, 2, tensor(2, C - 1)));
    }

    private static void project(Tensor x, Tensor norm, Matrix qkv, Tensor bias, Tensor q, Tensor k, Tensor v) {
        Contract.project(x, T, norm, qkv, bias, q, k, v, 3);
    }

    @Test
    void project() {
        Tensor x = tensor(T, C);
        Tensor norm = tensor(C);
        var qkv = new Shaped((H + 2 * G) * D, C);
        Tensor bias = tensor((H + 2 * G) * D);
        Tensor q = tensor(H, T, D);
        Tensor k = tensor(G, T, D);
        Tensor v = tensor(G, T + 3, D);
        project(x, norm, qkv, bias, q, k, v);
        project(x, norm, qkv, null, q, k, v);
        refused("x is", () -> project(tensor(T - 1, C), norm, qkv, bias, q, k, v));
        refused("norm is", () -> project(x, tensor(C + 1), qkv, bias, q, k, v));
        refused("outputs of qkv", () -> project(x, norm, new Shaped(8, C), bias, q, k, v));
        refused("bias is", () -> project(x, norm, qkv, tensor(3), q, k, v));
        refused("q is", () -> project(x, norm, qkv, bias, tensor(H, T - 1, D), k, v));
        refused("q is [70, 32], wanted 3 axes", () -> project(x, norm, qkv, bias, tensor(T, H * D), k, v));
        refused("k is", () -> project(x, norm, qkv, bias, q, tensor(G, T - 1, D), v));
        refused("width of k", () -> project(x, norm, qkv, bias, q, tensor(G, T, D + 1), v));
        refused("v is", () -> project(x, norm, qkv, bias, q, k, tensor(G, T + 2, D)));
        refused("heads of v", () -> project(x, norm, qkv, bias, q, k, tensor(1, T + 3, D)));
        refused("width of v", () -> project(x, norm, qkv, bias, q, k, tensor(G, T + 3, 1)));
    }

    @Test
    void rotate() {
        var rotary = Rotary.plain(D, 1e4);
        Contract.rotate(tensor(H, T, D), 1, T - 1, rotary, tensor(H, T + 4, D), 5);
        refused("x is", () -> Contract.rotate(tensor(H, T, D), 2, T - 1, rotary, tensor(H, T + 4, D), 5));
        refused("target is", () -> Contract.rotate(tensor(H, T, D), 1, T - 1, rotary, tensor(H, T, D), 5));
        refused("heads of target", () -> Contract.rotate(tensor(H, T, D), 0, T, rotary, tensor(G, T, D), 0));
        refused("width of target", () -> Contract.rotate(tensor(H, T, D), 0, T, rotary, tensor(H, T, 16), 0));
        refused("rotary width is 16, x is only 8 wide",
                () -> Contract.rotate(tensor(H, T, D), 0, T, Rotary.plain(16, 1e4), tensor(H, T, D), 0));
    }

    private static void attend(Tensor q, Tensor k, Tensor v, BlockMask mask, Tensor out, Tensor logSumExp) {
        Contract.attend(q, T, 16, k, v, mask, out, logSumExp);
    }

    @Test
    void attend() {
        Tensor q = tensor(H, T, D);
        Tensor k = tensor(G, T + 20, D);
        Tensor v = tensor(G, T + 20, D);
        BlockMask mask = BlockMask.dense(H, 16, 1, 5);
        Tensor out = tensor(T, H * D);
        Tensor sums = tensor(H, T);
        attend(q, k, v, mask, out, sums);
        attend(q, k, v, mask, out, null);
        refused("q is", () -> attend(tensor(H, T - 1, D), k, v, mask, out, sums));
        refused("keys is", () -> attend(q, tensor(G, T, D), v, mask, out, sums));
        refused("heads of q is 4, not a multiple of heads of keys", () ->
                attend(q, tensor(3, T + 20, D), v, mask, out, sums));
        refused("heads of values", () -> attend(q, k, tensor(1, T + 20, D), mask, out, sums));
        refused("rows of values", () -> attend(q, k, tensor(G, T + 21, D), mask, out, sums));
        refused("head width is 6, not a multiple of 4", () ->
                attend(tensor(H, T, 6), tensor(G, T + 20, 6), tensor(G, T + 20, 6), mask, tensor(T, H * 6), sums));
        refused("out is", () -> attend(q, k, v, mask, tensor(T, D), sums));
        refused("logSumExp is", () -> attend(q, k, v, mask, out, tensor(H, T - 1)));
        refused("logSumExp is", () -> attend(q, k, v, mask, out, tensor(G, T)));
        refused("heads of the mask", () -> attend(q, k, v, BlockMask.dense(G, 16, 1, 5), out, sums));
        refused("first position of the mask", () -> attend(q, k, v, BlockMask.dense(H, 16, 0, 5), out, sums));
        refused("query blocks of the mask", () -> attend(q, k, v, BlockMask.dense(H, 16, 1, 4), out, sums));
    }

    @Test
    void attendOne() {
        Tensor q = tensor(H, 1, D);
        Tensor k = tensor(G, T, D);
        Tensor out = tensor(1, H * D);
        Contract.attendOne(q, T - 1, k, k, out);
        refused("keys is", () -> Contract.attendOne(q, T, k, k, out));
        refused("rows of values", () -> Contract.attendOne(q, 5, k, tensor(G, T - 1, D), out));
        refused("out is", () -> Contract.attendOne(q, 5, k, k, tensor(1, D)));
    }

    @Test
    void productsAndScores() {
        var w = new Shaped(C, 30);
        Contract.addProjected(tensor(T, 30), T, w, tensor(T, C));
        refused("y is", () -> Contract.addProjected(tensor(T, 29), T, w, tensor(T, C)));
        refused("x is", () -> Contract.addProjected(tensor(T, 30), T, w, tensor(T - 1, C)));
        Tensor x = tensor(T, C);
        Tensor norm = tensor(C);
        Contract.feedForward(x, T, norm, new Shaped(60, C), w);
        refused("outputs of gateUp", () -> Contract.feedForward(x, T, norm, new Shaped(59, C), w));
        refused("outputs of down", () -> Contract.feedForward(x, T, norm, new Shaped(60, C), new Shaped(C - 1, 30)));
        refused("norm is", () -> Contract.feedForward(x, T, tensor(C - 1), new Shaped(60, C), w));
        var head = new Shaped(100, C);
        Contract.logits(x, T - 1, norm, head);
        refused("x is", () -> Contract.logits(x, T, norm, head));
        refused("norm is", () -> Contract.logits(x, 0, tensor(1, C), head));
        Contract.score(x, T, norm, head, new int[T]);
        refused("got 69 targets for 70 rows", () -> Contract.score(x, T, norm, head, new int[T - 1]));
        refused("norm is", () -> Contract.score(x, T, tensor(1), head, new int[T]));
    }

    @Test
    void selection() {
        Tensor x = tensor(G, T, D);
        Contract.pool(x, 6, 64, 16, 2, tensor(G, 5, 2 * D), 1);
        refused("x is", () -> Contract.pool(x, 7, 64, 16, 2, tensor(G, 5, 2 * D), 1));
        refused("pooled is", () -> Contract.pool(x, 6, 64, 16, 2, tensor(G, 4, 2 * D), 1));
        refused("heads of pooled", () -> Contract.pool(x, 6, 64, 16, 2, tensor(H, 5, 2 * D), 1));
        refused("width of pooled", () -> Contract.pool(x, 6, 64, 16, 3, tensor(G, 5, 2 * D), 1));
        Tensor weights = tensor(H, 2 * D, 12);
        Contract.projectHeads(tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 5, 12));
        refused("inputs of weights", () -> Contract.projectHeads(tensor(G, 5, D), weights, 1, 4, tensor(H, 5, 12)));
        refused("heads of weights", () -> Contract.projectHeads(tensor(3, 5, 2 * D), weights, 1, 4, tensor(H, 5, 12)));
        refused("y is", () -> Contract.projectHeads(tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 4, 12)));
        refused("heads of y", () -> Contract.projectHeads(tensor(G, 5, 2 * D), weights, 1, 4, tensor(G, 5, 12)));
        refused("width of y", () -> Contract.projectHeads(tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 5, 11)));
        Contract.select(tensor(H, 5, D), tensor(G, 9, D), 4, 5, 9);
        refused("rows 4 to 9 do not fit a prompt of 8 blocks",
                () -> Contract.select(tensor(H, 5, D), tensor(G, 9, D), 4, 5, 8));
        refused("queries is", () -> Contract.blockScores(tensor(H, 4, D), tensor(G, 9, D), 4, 5));
        refused("keys is", () -> Contract.blockScores(tensor(H, 5, D), tensor(G, 8, D), 4, 5));
        refused("width of keys", () -> Contract.blockScores(tensor(H, 5, D), tensor(G, 9, 1), 4, 5));
        refused("heads of keys", () -> Contract.blockScores(tensor(H, 5, D), tensor(3, 9, D), 4, 5));
        Contract.pooledAttention(tensor(H, T, D), T, 16, tensor(G, T + 16, D), tensor(H, T), 16, H - 1);
        refused("not a multiple of block", () ->
                Contract.pooledAttention(tensor(H, T, D), T, 8, tensor(G, T + 16, D), tensor(H, T), 16, 0));
        refused("q is", () ->
                Contract.pooledAttention(tensor(H, T, D), T, 16, tensor(G, T + 16, D), tensor(H, T), 16, H));
        refused("logSumExp is", () ->
                Contract.pooledAttention(tensor(H, T, D), T, 16, tensor(G, T + 16, D), tensor(H, 1), 16, 0));
    }

    private static GateSide side(int heads, int depth, Tensor weights, Tensor pooled, Tensor vectors) {
        return new GateSide(tensor(heads, T, depth), List.of(Pooling.AVG), weights, pooled, vectors, 0);
    }

    @Test
    void gate() {
        var chunk = new GateChunk(T, 16, 0, 5);
        var rotary = Rotary.plain(D, 1e4);
        GateSide queries = side(H, D, null, tensor(H, 5, D), tensor(H, 5, D));
        GateSide keys = side(G, D, tensor(H, D, D), tensor(G, 5, D), tensor(H, 5, D));
        Contract.gate(queries, keys, chunk, rotary);
        refused("queries is", () -> Contract.gate(side(H, D, null, tensor(H, 5, D), tensor(H, 4, D)), keys, chunk,
                rotary));
        refused("pooled keys is", () -> Contract.gate(queries, side(G, D, tensor(H, D, D), tensor(G, 4, D),
                tensor(H, 5, D)), chunk, rotary));
        refused("width of the pooled keys", () -> Contract.gate(queries, side(G, D, tensor(H, D, D), tensor(G, 5, 1),
                tensor(H, 5, D)), chunk, rotary));
        refused("raw heads of keys", () -> Contract.gate(queries, side(3, D, tensor(H, D, D), tensor(3, 5, D),
                tensor(H, 5, D)), chunk, rotary));
        refused("inputs of the weights of keys", () -> Contract.gate(queries, side(G, D, tensor(H, 1, D),
                tensor(G, 5, D), tensor(H, 5, D)), chunk, rotary));
        refused("heads of keys", () -> Contract.gate(queries, side(G, D, tensor(H, D, D), tensor(G, 5, D),
                tensor(G, 5, D)), chunk, rotary));
        refused("rotary width", () -> Contract.gate(queries, keys, chunk, Rotary.plain(16, 1e4)));
        refused("do not fit a prompt", () -> Contract.gate(queries, keys, new GateChunk(T, 16, 0, 4), rotary));
    }
}
