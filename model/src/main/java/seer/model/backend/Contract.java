package seer.model.backend;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
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

    public static void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        stream(x, "x", count, table.inputs());
        for (int t = from; t < from + count; t++) {
            if (tokens[t] < 0 || tokens[t] >= table.outputs()) {
                throw new IllegalArgumentException(
                        "token " + tokens[t] + " at " + t + " is not in a table of " + table.outputs());
            }
        }
    }

    public static void project(Tensor x, int rows, Tensor norm, Matrix qkv, Tensor bias, Tensor q, Tensor k, Tensor v,
                               int offset) {
        stream(x, "x", rows, qkv.inputs());
        vector(norm, "norm", qkv.inputs());
        heads(q, "q", rows);
        heads(k, "k", rows);
        heads(v, "v", offset + rows);
        same("heads of v", v.extent(0), k.extent(0));
        same("width of k", k.extent(2), q.extent(2));
        same("width of v", v.extent(2), q.extent(2));
        same("outputs of qkv", qkv.outputs(), (q.extent(0) + 2 * k.extent(0)) * q.extent(2));
        if (bias != null) {
            vector(bias, "bias", qkv.outputs());
        }
    }

    public static void rotate(Tensor x, int from, int rows, Rotary rotary, Tensor target, int at) {
        heads(x, "x", from + rows);
        heads(target, "target", at + rows);
        same("heads of target", target.extent(0), x.extent(0));
        same("width of target", target.extent(2), x.extent(2));
        rotary(rotary, x, "x");
    }

    public static void attend(Tensor q, int rows, int offset, Tensor keys, Tensor values, BlockMask mask, Tensor out,
                              Tensor logSumExp) {
        heads(q, "q", rows);
        cache(keys, "keys", q, offset + rows);
        cache(values, "values", q, offset + rows);
        same("heads of values", values.extent(0), keys.extent(0));
        same("rows of values", values.extent(1), keys.extent(1));
        stream(out, "out", rows, q.extent(0) * q.extent(2));
        same("heads of the mask", mask.heads(), q.extent(0));
        same("first position of the mask", (long) mask.firstRow() * mask.block(), offset);
        same("query blocks of the mask", mask.rows(), Math.ceilDiv(rows, mask.block()));
        if (logSumExp != null) {
            logSumExp(logSumExp, q, rows);
        }
    }

    public static void attendOne(Tensor q, int position, Tensor keys, Tensor values, Tensor out) {
        heads(q, "q", 1);
        cache(keys, "keys", q, position + 1);
        cache(values, "values", q, position + 1);
        same("heads of values", values.extent(0), keys.extent(0));
        same("rows of values", values.extent(1), keys.extent(1));
        stream(out, "out", 1, q.extent(0) * q.extent(2));
    }

    public static void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        stream(y, "y", rows, w.inputs());
        stream(x, "x", rows, w.outputs());
    }

    public static void feedForward(Tensor x, int rows, Tensor norm, Matrix gateUp, Matrix down) {
        stream(x, "x", rows, gateUp.inputs());
        vector(norm, "norm", gateUp.inputs());
        same("outputs of gateUp", gateUp.outputs(), 2L * down.inputs());
        same("outputs of down", down.outputs(), gateUp.inputs());
    }

    public static void logits(Tensor x, int row, Tensor norm, Matrix head) {
        stream(x, "x", row + 1, head.inputs());
        vector(norm, "norm", head.inputs());
    }

    public static void score(Tensor x, int rows, Tensor norm, Matrix head, int[] targets) {
        stream(x, "x", rows, head.inputs());
        vector(norm, "norm", head.inputs());
        if (targets.length < rows) {
            throw new IllegalArgumentException("got " + targets.length + " targets for " + rows + " rows");
        }
    }

    // -- block selection --

    public static void pool(Tensor x, int from, int rows, int block, int poolings, Tensor pooled, int at) {
        heads(x, "x", from + rows);
        heads(pooled, "pooled", at + Math.ceilDiv(rows, block));
        same("heads of pooled", pooled.extent(0), x.extent(0));
        same("width of pooled", pooled.extent(2), (long) poolings * x.extent(2));
    }

    public static void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        heads(pooled, "pooled", from + rows);
        heads(weights, "weights", pooled.extent(2));
        heads(y, "y", from + rows);
        divides("heads of pooled", pooled.extent(0), "heads of weights", weights.extent(0));
        same("inputs of weights", weights.extent(1), pooled.extent(2));
        same("heads of y", y.extent(0), weights.extent(0));
        same("width of y", y.extent(2), weights.extent(2));
    }

    public static void select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks) {
        if (firstRow + rows > totalBlocks) {
            throw new IllegalArgumentException("rows " + firstRow + " to " + (firstRow + rows)
                    + " do not fit a prompt of " + totalBlocks + " blocks");
        }
        blockScores(queries, keys, firstRow, rows);
    }

    public static void gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary) {
        side(queries, "queries", chunk, rotary);
        side(keys, "keys", chunk, rotary);
        select(queries.vectors(), keys.vectors(), chunk.firstBlock(), chunk.blocks(), chunk.totalBlocks());
    }

    private static void side(GateSide side, String name, GateChunk chunk, Rotary rotary) {
        heads(side.raw(), "raw " + name, chunk.tokens());
        heads(side.pooled(), "pooled " + name, side.at() + chunk.blocks());
        heads(side.vectors(), name, side.at() + chunk.blocks());
        int inputs = Math.multiplyExact(side.poolings().size(), side.raw().extent(2));
        same("heads of the pooled " + name, side.pooled().extent(0), side.raw().extent(0));
        same("width of the pooled " + name, side.pooled().extent(2), inputs);
        if (side.weights() == null) {
            same("heads of " + name, side.vectors().extent(0), side.raw().extent(0));
            same("width of " + name, side.vectors().extent(2), inputs);
        } else {
            Tensor weights = side.weights();
            heads(weights, "weights of " + name, 0);
            divides("raw heads of " + name, side.raw().extent(0), "heads of its weights", weights.extent(0));
            same("inputs of the weights of " + name, weights.extent(1), inputs);
            same("heads of " + name, side.vectors().extent(0), weights.extent(0));
            same("width of " + name, side.vectors().extent(2), weights.extent(2));
        }
        rotary(rotary, side.vectors(), name);
    }

    public static void blockScores(Tensor queries, Tensor keys, int firstRow, int rows) {
        heads(queries, "queries", rows);
        heads(keys, "keys", firstRow + rows);
        same("width of keys", keys.extent(2), queries.extent(2));
        divides("heads of keys", keys.extent(0), "heads of queries", queries.extent(0));
    }

    public static void pooledAttention(Tensor q, int rows, int offset, Tensor keys, Tensor logSumExp, int block,
                                       int head) {
        heads(q, "q", rows);
        cache(keys, "keys", q, offset + rows);
        logSumExp(logSumExp, q, rows);
        atLeast(q, "q", 0, head + 1);
        divides("block", block, "offset", offset);
    }

    // -- what the operands have in common --

    private static void axes(Tensor tensor, String name, int axes) {
        if (tensor.shape().length != axes) {
            throw new IllegalArgumentException(
                    name + " is " + Arrays.toString(tensor.shape()) + ", wanted " + axes + " axes");
        }
    }

    private static void extent(Tensor tensor, String name, int axis, int wanted) {
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

    private static void same(String what, long got, long wanted) {
        if (got != wanted) {
            throw new IllegalArgumentException(what + ": got " + got + ", wanted " + wanted);
        }
    }

    private static void divides(String part, int divisor, String whole, int number) {
        if (divisor < 1 || number % divisor != 0) {
            throw new IllegalArgumentException(
                    whole + " is " + number + ", not a multiple of " + part + ", which is " + divisor);
        }
    }

    private static void vector(Tensor tensor, String name, int length) {
        axes(tensor, name, 1);
        extent(tensor, name, 0, length);
    }

    /// Rows of a residual stream, `[T, C]`.
    private static void stream(Tensor tensor, String name, int rows, int width) {
        axes(tensor, name, 2);
        atLeast(tensor, name, 0, rows);
        extent(tensor, name, 1, width);
    }

    /// Rows of each head, `[heads, T, D]`.
    private static void heads(Tensor tensor, String name, int rows) {
        axes(tensor, name, 3);
        atLeast(tensor, name, 1, rows);
    }

    /// Keys or values `[G, S, D]` that fit the queries `[H, T, D]`.
    private static void cache(Tensor tensor, String name, Tensor q, int rows) {
        heads(tensor, name, rows);
        extent(tensor, name, 2, q.extent(2));
        divides("heads of " + name, tensor.extent(0), "heads of q", q.extent(0));
        divides("4", 4, "head width", q.extent(2));
    }

    private static void logSumExp(Tensor tensor, Tensor q, int rows) {
        axes(tensor, "logSumExp", 2);
        extent(tensor, "logSumExp", 0, q.extent(0));
        atLeast(tensor, "logSumExp", 1, rows);
    }

    private static void rotary(Rotary rotary, Tensor x, String name) {
        if (rotary.width() > x.extent(2)) {
            throw new IllegalArgumentException(
                    "rotary width is " + rotary.width() + ", " + name + " is only " + x.extent(2) + " wide");
        }
    }
}
