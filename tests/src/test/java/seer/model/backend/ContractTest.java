package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.model.backend.SelectionContract.blockScores;
import static seer.model.backend.SelectionContract.gate;
import static seer.model.backend.SelectionContract.projectHeads;
import static seer.model.backend.SelectionContract.select;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.model.Backends;
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

    private static Backend own;
    private static Arena arena;

    @BeforeAll
    static void open() {
        own = Backends.cpu(1);
        arena = own.arena("the test", 0);
    }

    @AfterAll
    static void close() {
        own.close();
    }

    private static Tensor tensor(int... shape) {
        return new Tensor() {
            @Override
            public Arena arena() {
                return arena;
            }

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

    private record Shaped(int outputs, int inputs) implements Matrix {
        @Override
        public Arena arena() {
            return arena;
        }

        @Override
        public ElementType type() {
            return ElementType.F32;
        }
    }

    private record Cache(int groups, int capacity, int width) implements KeyValueCache {
        @Override
        public Arena arena() {
            return arena;
        }

        @Override
        public Tensor keys() {
            throw new AssertionError("the contract looks at shapes alone");
        }

        @Override
        public Tensor values() {
            throw new AssertionError("the contract looks at shapes alone");
        }
    }

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
        Contract.cache(2, 0, 8);
        refused("head width is 6, not a multiple of 4", () -> Contract.cache(1, 8, 6));
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
        assertDoesNotThrow(() -> Contract.embed(own, table, new int[] {99, 9, 0}, 1, 2, tensor(2, C)));
        refused("token 10 at 1", () -> Contract.embed(own, table, new int[] {1, 10}, 0, 2, tensor(2, C)));
        refused("token -1 at 0", () -> Contract.embed(own, table, new int[] {-1}, 0, 1, tensor(2, C)));
        refused("x is [1, 24], wanted at least 2", () -> Contract.embed(own, table, new int[2], 0, 2, tensor(1, C)));
        refused("x is [2, 23], wanted 24", () -> Contract.embed(own, table, new int[2], 0, 2, tensor(2, C - 1)));
    }

    private static void project(Tensor x, Tensor norm, Matrix qkv, Tensor bias, Tensor q, Tensor k, Tensor v) {
        Contract.project(own, x, T, norm, qkv, bias, q, k, v);
    }

    @Test
    void project() {
        Tensor x = tensor(T, C);
        Tensor norm = tensor(C);
        var qkv = new Shaped((H + 2 * G) * D, C);
        Tensor bias = tensor((H + 2 * G) * D);
        Tensor q = tensor(H, T, D);
        Tensor k = tensor(G, T, D);
        Tensor v = tensor(G, T, D);
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
        refused("v is", () -> project(x, norm, qkv, bias, q, k, tensor(G, T - 1, D)));
        refused("heads of v", () -> project(x, norm, qkv, bias, q, k, tensor(1, T, D)));
        refused("width of v", () -> project(x, norm, qkv, bias, q, k, tensor(G, T, 1)));
    }

    @Test
    void rotate() {
        var rotary = Rotary.plain(D, 1e4);
        Contract.rotate(own, tensor(H, T, D), 1, T - 1, rotary, tensor(H, T + 4, D), 5);
        refused("x is", () -> Contract.rotate(own, tensor(H, T, D), 2, T - 1, rotary, tensor(H, T + 4, D), 5));
        refused("target is", () -> Contract.rotate(own, tensor(H, T, D), 1, T - 1, rotary, tensor(H, T, D), 5));
        refused("heads of target", () -> Contract.rotate(own, tensor(H, T, D), 0, T, rotary, tensor(G, T, D), 0));
        refused("width of target", () -> Contract.rotate(own, tensor(H, T, D), 0, T, rotary, tensor(H, T, 16), 0));
        refused("rotary width is 16, x is only 8 wide",
                () -> Contract.rotate(own, tensor(H, T, D), 0, T, Rotary.plain(16, 1e4), tensor(H, T, D), 0));
    }

    @Test
    void append() {
        var rotary = Rotary.plain(D, 1e4);
        Tensor k = tensor(G, T, D);
        var cache = new Cache(G, T + 20, D);
        Contract.append(own, k, k, T, rotary, 20, cache);
        Contract.append(own, k, k, T, null, 0, cache);
        refused("room for 90 tokens, wanted at least 91", () -> Contract.append(own, k, k, T, rotary, 21, cache));
        refused("k is", () -> Contract.append(own, k, k, T + 1, rotary, 0, cache));
        refused("v is", () -> Contract.append(own, k, tensor(G, T - 1, D), T, rotary, 0, cache));
        refused("heads of k", () -> Contract.append(own, tensor(H, T, D), k, T, rotary, 0, cache));
        refused("heads of v", () -> Contract.append(own, k, tensor(H, T, D), T, rotary, 0, cache));
        refused("width of k", () -> Contract.append(own, tensor(G, T, 4), k, T, rotary, 0, cache));
        refused("width of v", () -> Contract.append(own, k, tensor(G, T, 4), T, rotary, 0, cache));
        refused("rotary width is 16", () -> Contract.append(own, k, k, T, Rotary.plain(16, 1e4), 0, cache));
    }

    private static void attend(Tensor q, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp) {
        Contract.attend(own, q, T, 16, cache, mask, out, logSumExp);
    }

    @Test
    void attend() {
        Tensor q = tensor(H, T, D);
        var cache = new Cache(G, T + 20, D);
        BlockMask mask = BlockMask.dense(H, 16, 1, 5);
        Tensor out = tensor(T, H * D);
        Tensor sums = tensor(H, T);
        attend(q, cache, mask, out, sums);
        attend(q, cache, mask, out, null);
        refused("q is", () -> attend(tensor(H, T - 1, D), cache, mask, out, sums));
        refused("the cache has room for 70 tokens, wanted at least 86",
                () -> attend(q, new Cache(G, T, D), mask, out, sums));
        refused("heads of q is 4, not a multiple of heads of the cache",
                () -> attend(q, new Cache(3, T + 20, D), mask, out, sums));
        refused("width of q", () -> attend(q, new Cache(G, T + 20, 4), mask, out, sums));
        refused("out is", () -> attend(q, cache, mask, tensor(T, D), sums));
        refused("logSumExp is", () -> attend(q, cache, mask, out, tensor(H, T - 1)));
        refused("logSumExp is", () -> attend(q, cache, mask, out, tensor(G, T)));
        refused("heads of the mask", () -> attend(q, cache, BlockMask.dense(G, 16, 1, 5), out, sums));
        refused("first position of the mask", () -> attend(q, cache, BlockMask.dense(H, 16, 0, 5), out, sums));
        refused("query blocks of the mask", () -> attend(q, cache, BlockMask.dense(H, 16, 1, 4), out, sums));
    }

    @Test
    void attendOne() {
        Tensor q = tensor(H, 1, D);
        var cache = new Cache(G, T, D);
        Tensor out = tensor(1, H * D);
        Contract.attendOne(own, q, T - 1, cache, null, out);
        refused("the cache has room", () -> Contract.attendOne(own, q, T, cache, null, out));
        refused("out is", () -> Contract.attendOne(own, q, 5, cache, null, tensor(1, D)));
    }

    @Test
    void productsAndScores() {
        var w = new Shaped(C, 30);
        Contract.addProjected(own, tensor(T, 30), T, w, tensor(T, C));
        refused("y is", () -> Contract.addProjected(own, tensor(T, 29), T, w, tensor(T, C)));
        refused("x is", () -> Contract.addProjected(own, tensor(T, 30), T, w, tensor(T - 1, C)));
        Tensor x = tensor(T, C);
        Tensor norm = tensor(C);
        Contract.feedForward(own, x, T, norm, new Shaped(60, C), w);
        refused("outputs of gateUp", () -> Contract.feedForward(own, x, T, norm, new Shaped(59, C), w));
        refused("outputs of down",
                () -> Contract.feedForward(own, x, T, norm, new Shaped(60, C), new Shaped(C - 1, 30)));
        refused("norm is", () -> Contract.feedForward(own, x, T, tensor(C - 1), new Shaped(60, C), w));
        var head = new Shaped(100, C);
        Contract.logits(own, x, T - 1, norm, head);
        refused("x is", () -> Contract.logits(own, x, T, norm, head));
        refused("norm is", () -> Contract.logits(own, x, 0, tensor(1, C), head));
        Contract.score(own, x, T, norm, head, new int[T]);
        refused("got 69 targets for 70 rows", () -> Contract.score(own, x, T, norm, head, new int[T - 1]));
        refused("norm is", () -> Contract.score(own, x, T, tensor(1), head, new int[T]));
    }

    @Test
    void selection() {
        Tensor x = tensor(G, T, D);
        Contract.pool(own, x, 6, 64, 16, 2, tensor(G, 5, 2 * D), 1);
        refused("x is", () -> Contract.pool(own, x, 7, 64, 16, 2, tensor(G, 5, 2 * D), 1));
        refused("pooled is", () -> Contract.pool(own, x, 6, 64, 16, 2, tensor(G, 4, 2 * D), 1));
        refused("heads of pooled", () -> Contract.pool(own, x, 6, 64, 16, 2, tensor(H, 5, 2 * D), 1));
        refused("width of pooled", () -> Contract.pool(own, x, 6, 64, 16, 3, tensor(G, 5, 2 * D), 1));
        Tensor weights = tensor(H, 2 * D, 12);
        projectHeads(own, tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 5, 12));
        refused("inputs of weights",
                () -> projectHeads(own, tensor(G, 5, D), weights, 1, 4, tensor(H, 5, 12)));
        refused("heads of weights",
                () -> projectHeads(own, tensor(3, 5, 2 * D), weights, 1, 4, tensor(H, 5, 12)));
        refused("y is", () -> projectHeads(own, tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 4, 12)));
        refused("heads of y", () -> projectHeads(own, tensor(G, 5, 2 * D), weights, 1, 4, tensor(G, 5, 12)));
        refused("width of y", () -> projectHeads(own, tensor(G, 5, 2 * D), weights, 1, 4, tensor(H, 5, 11)));
        select(own, tensor(H, 5, D), BlockKeys.single(tensor(G, 9, D), 9), 4, 5, 9, arena);
        refused("rows 4 to 9 do not fit a prompt of 8 blocks",
                () -> select(own, tensor(H, 5, D), BlockKeys.single(tensor(G, 9, D), 9), 4, 5, 8, arena));
        refused("queries is", () -> scores(own, tensor(H, 4, D), tensor(G, 9, D)));
        refused("keys is", () -> scores(own, tensor(H, 5, D), tensor(G, 8, D)));
        refused("width of keys", () -> scores(own, tensor(H, 5, D), tensor(G, 9, 1)));
        refused("heads of keys", () -> scores(own, tensor(H, 5, D), tensor(3, 9, D)));
        refused("keys are 17 vectors, 2 to a block, wanted those of 10 blocks",
                () -> blockScores(own, tensor(H, 5, D), new BlockKeys(tensor(G, 17, D), 2, 17), 5, 5));
        Contract.pooledAttention(own, tensor(H, T, D), T, 16, new Cache(G, T + 16, D), tensor(H, T), 16, H - 1);
        refused("not a multiple of block", () ->
                Contract.pooledAttention(own, tensor(H, T, D), T, 8, new Cache(G, T + 16, D), tensor(H, T), 16, 0));
        refused("q is", () ->
                Contract.pooledAttention(own, tensor(H, T, D), T, 16, new Cache(G, T + 16, D), tensor(H, T), 16, H));
        refused("logSumExp is", () ->
                Contract.pooledAttention(own, tensor(H, T, D), T, 16, new Cache(G, T + 16, D), tensor(H, 1), 16, 0));
    }

    private static GateSide side(int heads, int depth, Tensor weights, Tensor pooled, Tensor vectors) {
        return new GateSide(tensor(heads, T, depth), List.of(Pooling.AVG), weights, pooled, false, vectors, 0);
    }

    @Test
    void wholeGate() {
        var chunk = new GateChunk(T, 16, 0, 5);
        var rotary = Rotary.plain(D, 1e4);
        GateSide queries = side(H, D, null, tensor(H, 5, D), tensor(H, 5, D));
        GateSide keys = side(G, D, tensor(H, D, D), tensor(G, 5, D), tensor(H, 5, D));
        gate(own, queries, keys, chunk, rotary, arena);
        refused("queries is", () -> gate(own, side(H, D, null, tensor(H, 5, D), tensor(H, 4, D)), keys, chunk,
                rotary, arena));
        refused("pooled keys is", () -> gate(own, queries, side(G, D, tensor(H, D, D), tensor(G, 4, D),
                tensor(H, 5, D)), chunk, rotary, arena));
        refused("width of the pooled keys", () -> gate(own, queries, side(G, D, tensor(H, D, D),
                tensor(G, 5, 1), tensor(H, 5, D)), chunk, rotary, arena));
        refused("raw heads of keys", () -> gate(own, queries, side(3, D, tensor(H, D, D), tensor(3, 5, D),
                tensor(H, 5, D)), chunk, rotary, arena));
        refused("inputs of the weights of keys", () -> gate(own, queries, side(G, D, tensor(H, 1, D),
                tensor(G, 5, D), tensor(H, 5, D)), chunk, rotary, arena));
        refused("heads of keys", () -> gate(own, queries, side(G, D, tensor(H, D, D), tensor(G, 5, D),
                tensor(G, 5, D)), chunk, rotary, arena));
        refused("rotary width", () -> gate(own, queries, keys, chunk, Rotary.plain(16, 1e4), arena));
        refused("do not fit a prompt",
                () -> gate(own, queries, keys, new GateChunk(T, 16, 0, 4), rotary, arena));
        refused("queries are neither projected nor rotated, wanted the tensor of the pooled ones",
                () -> gate(own, queries, keys, chunk, null, arena));
        Tensor same = tensor(H, 5, D);
        gate(own, side(H, D, null, same, same), keys, chunk, null, arena);
    }

    private static void scores(Backend own, Tensor queries, Tensor keys) {
        blockScores(own, queries, BlockKeys.single(keys, 9), 4, 5);
    }
}
