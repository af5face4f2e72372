package seer.model.backend;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.attention.QueryRow;
import seer.model.load.WeightTensor;

/// What [Backend] promises of its operands, one method for each operation: every backend calls it first, so that none
/// checks a shape of its own. A kernel cannot complain; here every complaint is a sentence that names the operand, what
/// was wanted, and what was found.
public final class Contract {
    private Contract() { }

    // -- memory --

    /// Elements of a tensor of this shape.
    ///
    /// @throws IllegalArgumentException if an extent is negative
    public static long elements(int... shape) {
        long elements = 1;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("a tensor extent is " + extent + ", wanted at least 0");
            }
            elements = Math.multiplyExact(elements, (long) extent);
        }
        return elements;
    }

    /// [#elements] of what one array has to hold.
    public static int inOneArray(String what, long elements) {
        if (elements > Integer.MAX_VALUE - 1024L) {
            throw new IllegalArgumentException(what + " has more than 2^31 elements");
        }
        return (int) elements;
    }

    public static void cache(int groups, int capacity, int width) {
        elements(groups, capacity, width);
        divides("4", 4, "head width", width);
    }

    public static void upload(float[] values, int... shape) {
        same("values of a tensor", values.length, elements(shape));
    }

    /// Outputs of weight tensors `[outputs, inputs]` that are stacked along their outputs.
    public static int matrix(List<WeightTensor> stacked) {
        if (stacked.isEmpty()) {
            throw new IllegalArgumentException("a matrix needs at least one weight tensor");
        }
        int inputs = stacked.getFirst().shape().getLast();
        int outputs = 0;
        for (WeightTensor weights : stacked) {
            weights.require(weights.shape().getFirst(), inputs);
            outputs = Math.addExact(outputs, weights.shape().getFirst());
        }
        return outputs;
    }

    // -- transformer --

    public static void embed(Backend own, Matrix table, int[] tokens, int from, int count, Tensor x) {
        matrix(own, table, "table");
        stream(own, x, "x", count, table.inputs());
        for (int t = from; t < from + count; t++) {
            if (tokens[t] < 0 || tokens[t] >= table.outputs()) {
                throw new IllegalArgumentException(
                        "token " + tokens[t] + " at " + t + " is not in a table of " + table.outputs());
            }
        }
    }

    public static void project(Backend own, Tensor x, int rows, Tensor norm, Matrix qkv, Tensor bias, Tensor q,
                               Tensor k, Tensor v) {
        matrix(own, qkv, "qkv");
        stream(own, x, "x", rows, qkv.inputs());
        vector(own, norm, "norm", qkv.inputs());
        heads(own, q, "q", rows);
        heads(own, k, "k", rows);
        heads(own, v, "v", rows);
        same("heads of v", v.extent(0), k.extent(0));
        same("width of k", k.extent(2), q.extent(2));
        same("width of v", v.extent(2), q.extent(2));
        same("outputs of qkv", qkv.outputs(), (q.extent(0) + 2L * k.extent(0)) * q.extent(2));
        if (bias != null) {
            vector(own, bias, "bias", qkv.outputs());
        }
    }

    public static void enter(Backend own, LayerEntry entry) {
        int rows = entry.rows();
        project(own, entry.x(), rows, entry.norm(), entry.qkv(), entry.bias(), entry.rawQueries(), entry.rawKeys(),
                entry.values());
        if (entry.queryNorm() != null) {
            normHeads(own, entry.rawQueries(), rows, entry.queryNorm());
            normHeads(own, entry.rawKeys(), rows, entry.keyNorm());
        }
        rotate(own, entry.rawQueries(), 0, rows, entry.rotary(), entry.queries(), 0);
        append(own, entry.rawKeys(), entry.values(), rows, entry.rotary(), entry.offset(), entry.cache());
        if (entry.pools() != null) {
            pools(own, entry);
        }
    }

    private static void pools(Backend own, LayerEntry entry) {
        GatePools pools = entry.pools();
        pool(own, entry.rawQueries(), 0, entry.rows(), pools.block(), pools.queryPoolings().size(), pools.queries(),
                0);
        pool(own, entry.rawKeys(), 0, entry.rows(), pools.block(), pools.keyPoolings().size(), pools.keys(),
                pools.at());
    }

    public static void normHeads(Backend own, Tensor x, int rows, Tensor norm) {
        heads(own, x, "x", rows);
        vector(own, norm, "norm", x.extent(2));
    }

    public static void rotate(Backend own, Tensor x, int from, int rows, Rotary rotary, Tensor target, int at) {
        heads(own, x, "x", from + rows);
        heads(own, target, "target", at + rows);
        same("heads of target", target.extent(0), x.extent(0));
        same("width of target", target.extent(2), x.extent(2));
        rotary(rotary, x, "x");
    }

    public static void append(Backend own, Tensor k, Tensor v, int rows, Rotary rotary, int offset,
                              KeyValueCache cache) {
        heads(own, k, "k", rows);
        heads(own, v, "v", rows);
        belongs(own, cache.arena(), "the cache");
        same("heads of k", k.extent(0), cache.groups());
        same("heads of v", v.extent(0), cache.groups());
        same("width of k", k.extent(2), cache.width());
        same("width of v", v.extent(2), cache.width());
        holds(cache, offset + rows);
        if (rotary != null) {
            rotary(rotary, k, "k");
        }
    }

    public static void attend(Backend own, Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask,
                              Tensor out, Tensor logSumExp) {
        heads(own, q, "q", rows);
        cache(own, cache, q, offset + rows);
        stream(own, out, "out", rows, Math.multiplyExact(q.extent(0), q.extent(2)));
        rowsOf(mask, q, rows, offset);
        if (logSumExp != null) {
            logSumExp(own, logSumExp, q, rows);
        }
    }

    public static void addDeltas(Backend own, Tensor q, int rows, int offset, int spacing, KeyValueCache cache,
                                 Tensor out, Tensor logSumExp) {
        heads(own, q, "q", rows);
        cache(own, cache, q, offset + rows);
        stream(own, out, "out", rows, Math.multiplyExact(q.extent(0), q.extent(2)));
        logSumExp(own, logSumExp, q, rows);
        if (spacing < 1 || offset % spacing != 0) {
            throw new IllegalArgumentException("delta rows are " + spacing + " apart, wanted at least 1 and a divisor "
                    + "of the first row's position, which is " + offset);
        }
    }

    public static void averageBlocks(Backend own, KeyValueCache cache, int from, int blocks, int block,
                                     KeyValueCache means) {
        belongs(own, cache.arena(), "the cache");
        belongs(own, means.arena(), "the cache of means");
        same("heads of the means", means.groups(), cache.groups());
        same("width of the means", means.width(), cache.width());
        holds(cache, Math.multiplyExact(from + blocks, block));
        holds(means, from + blocks);
    }

    public static void attendRest(Backend own, Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask,
                                  Tensor out, Tensor logSumExp) {
        heads(own, q, "q", rows);
        cache(own, means, q, Math.max(0, offset + rows - 1) / mask.block());
        stream(own, out, "out", rows, Math.multiplyExact(q.extent(0), q.extent(2)));
        rowsOf(mask, q, rows, offset);
        logSumExp(own, logSumExp, q, rows);
    }

    private static void rowsOf(BlockMask mask, Tensor q, int rows, int offset) {
        same("heads of the mask", mask.heads(), q.extent(0));
        same("first position of the mask", (long) mask.firstRow() * mask.block(), offset);
        same("query blocks of the mask", mask.rows(), Math.ceilDiv(rows, mask.block()));
    }

    /// @return what the query sees; null for every key
    public static QueryRow attendOne(Backend own, Tensor q, int position, KeyValueCache cache, BlockMask mask,
                                     Tensor out) {
        heads(own, q, "q", 1);
        cache(own, cache, q, position + 1);
        stream(own, out, "out", 1, Math.multiplyExact(q.extent(0), q.extent(2)));
        var row = mask == null ? null : new QueryRow(mask, q.extent(0), cache.groups(), position);
        return row == null || mask.isDense() ? null : row;
    }

    public static void addProjected(Backend own, Tensor y, int rows, Matrix w, Tensor x) {
        matrix(own, w, "w");
        stream(own, y, "y", rows, w.inputs());
        stream(own, x, "x", rows, w.outputs());
    }

    public static void feedForward(Backend own, Tensor x, int rows, Tensor norm, Matrix gateUp, Matrix down) {
        matrix(own, gateUp, "gateUp");
        matrix(own, down, "down");
        stream(own, x, "x", rows, gateUp.inputs());
        vector(own, norm, "norm", gateUp.inputs());
        same("outputs of gateUp", gateUp.outputs(), 2L * down.inputs());
        same("outputs of down", down.outputs(), gateUp.inputs());
    }

    public static void logits(Backend own, Tensor x, int row, Tensor norm, Matrix head) {
        matrix(own, head, "head");
        stream(own, x, "x", row + 1, head.inputs());
        vector(own, norm, "norm", head.inputs());
    }

    public static void score(Backend own, Tensor x, int rows, Tensor norm, Matrix head, int[] targets) {
        matrix(own, head, "head");
        stream(own, x, "x", rows, head.inputs());
        vector(own, norm, "norm", head.inputs());
        if (targets.length < rows) {
            throw new IllegalArgumentException("got " + targets.length + " targets for " + rows + " rows");
        }
    }

    public static void firstBroken(Backend own, Tensor x, int rows) {
        stream(own, x, "x", rows, x.extent(x.shape().length - 1));
    }

    // -- block selection --

    public static void pool(Backend own, Tensor x, int from, int rows, int block, int poolings, Tensor pooled,
                            int at) {
        heads(own, x, "x", from + rows);
        heads(own, pooled, "pooled", at + Math.ceilDiv(rows, block));
        same("heads of pooled", pooled.extent(0), x.extent(0));
        same("width of pooled", pooled.extent(2), (long) poolings * x.extent(2));
    }

    public static void pooledAttention(Backend own, Tensor q, int rows, int offset, KeyValueCache cache,
                                       Tensor logSumExp, int block, int head) {
        heads(own, q, "q", rows);
        cache(own, cache, q, offset + rows);
        logSumExp(own, logSumExp, q, rows);
        atLeast(q, "q", 0, head + 1);
        divides("block", block, "offset", offset);
    }

    public static void blockMass(Backend own, Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp,
                                 int block, int head) {
        pooledAttention(own, q, rows, offset, cache, logSumExp, block, head);
    }

    // -- what the operands have in common --

    static void belongs(Backend own, Arena arena, String name) {
        if (arena == null || arena.backend() != own) {
            throw new IllegalArgumentException(name + " is another backend's, wanted one of the backend "
                    + own.info().backend() + " that computes");
        }
        arena.requireOpen(name);
    }

    static void matrix(Backend own, Matrix matrix, String name) {
        belongs(own, matrix.arena(), name);
    }

    private static void axes(Tensor tensor, String name, int axes) {
        if (tensor.shape().length != axes) {
            throw new IllegalArgumentException(
                    name + " is " + Arrays.toString(tensor.shape()) + ", wanted " + axes + " axes");
        }
    }

    static void extent(Tensor tensor, String name, int axis, int wanted) {
        if (tensor.extent(axis) != wanted) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted "
                    + wanted + " at axis " + axis);
        }
    }

    private static void atLeast(Tensor tensor, String name, int axis, int rows) {
        if (rows < 0 || tensor.extent(axis) < rows) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted at least "
                    + rows + " at axis " + axis);
        }
    }

    static void same(String what, long got, long wanted) {
        if (got != wanted) {
            throw new IllegalArgumentException(what + ": got " + got + ", wanted " + wanted);
        }
    }

    static void divides(String part, int divisor, String whole, int number) {
        if (divisor < 1 || number % divisor != 0) {
            throw new IllegalArgumentException(
                    whole + " is " + number + ", not a multiple of " + part + ", which is " + divisor);
        }
    }

    static void vector(Backend own, Tensor tensor, String name, int length) {
        belongs(own, tensor.arena(), name);
        axes(tensor, name, 1);
        extent(tensor, name, 0, length);
    }

    /// Rows of a residual stream, `[T, C]`.
    static void stream(Backend own, Tensor tensor, String name, int rows, int width) {
        belongs(own, tensor.arena(), name);
        axes(tensor, name, 2);
        atLeast(tensor, name, 0, rows);
        extent(tensor, name, 1, width);
    }

    /// Rows of each head, `[heads, T, D]`.
    static void heads(Backend own, Tensor tensor, String name, int rows) {
        belongs(own, tensor.arena(), name);
        axes(tensor, name, 3);
        atLeast(tensor, name, 1, rows);
    }

    /// A cache that fits the queries `[H, T, D]`.
    static void cache(Backend own, KeyValueCache cache, Tensor q, int rows) {
        belongs(own, cache.arena(), "the cache");
        same("width of q", q.extent(2), cache.width());
        divides("heads of the cache", cache.groups(), "heads of q", q.extent(0));
        holds(cache, rows);
    }

    private static void holds(KeyValueCache cache, int tokens) {
        if (tokens > cache.capacity()) {
            throw new IllegalArgumentException(
                    "the cache has room for " + cache.capacity() + " tokens, wanted at least " + tokens);
        }
    }

    static void logSumExp(Backend own, Tensor tensor, Tensor q, int rows) {
        belongs(own, tensor.arena(), "logSumExp");
        axes(tensor, "logSumExp", 2);
        extent(tensor, "logSumExp", 0, q.extent(0));
        atLeast(tensor, "logSumExp", 1, rows);
    }

    static void rotary(Rotary rotary, Tensor x, String name) {
        if (rotary.width() > x.extent(2)) {
            throw new IllegalArgumentException(
                    "rotary width is " + rotary.width() + ", " + name + " is only " + x.extent(2) + " wide");
        }
    }
}
