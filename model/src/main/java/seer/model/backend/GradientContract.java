package seer.model.backend;

import java.util.List;
import seer.model.attention.BlockMask;

/// What [Gradients] promises of its operands, as [Contract] does for [Backend].
public final class GradientContract {
    private GradientContract() { }

    public static void embed(Backend own, int[] tokens, Tensor dx, Tensor dTable) {
        Contract.stream(own, dTable, "dTable", 0, dTable.extent(1));
        Contract.stream(own, dx, "dx", tokens.length, dTable.extent(1));
        for (int token : tokens) {
            if (token < 0 || token >= dTable.extent(0)) {
                throw new IllegalArgumentException("token is " + token + ", wanted 0 to " + (dTable.extent(0) - 1));
            }
        }
    }

    public static void project(Backend own, Tensor x, int rows, Tensor norm, Matrix qkv, Rotary rotary,
                               Tensor dq, Tensor dk, Tensor dv, Tensor dx, Tensor dNorm, Tensor dQkv, Tensor dBias) {
        Contract.project(own, x, rows, norm, qkv, dBias, dq, dk, dv);
        if (rotary != null) {
            Contract.rotate(own, dq, 0, rows, rotary, dq, 0);
            Contract.rotate(own, dk, 0, rows, rotary, dk, 0);
        }
        Contract.stream(own, dx, "dx", rows, qkv.inputs());
        optional(own, dNorm, "dNorm", qkv.inputs());
        weights(own, dQkv, "dQkv", qkv);
    }

    public static void normHeads(Backend own, Tensor x, int rows, Tensor norm, Tensor dy, Tensor dNorm) {
        Contract.normHeads(own, x, rows, norm);
        Contract.heads(own, dy, "dy", rows);
        Contract.same("heads of dy", dy.extent(0), x.extent(0));
        Contract.same("width of dy", dy.extent(2), x.extent(2));
        optional(own, dNorm, "dNorm", x.extent(2));
    }

    public static void attend(Backend own, Tensor q, int rows, KeyValueCache cache, BlockMask mask, Tensor out,
                              Tensor logSumExp, Tensor dOut, Tensor dq, Tensor dk, Tensor dv) {
        Contract.attend(own, q, rows, 0, cache, mask, out, logSumExp);
        Contract.logSumExp(own, logSumExp, q, rows);
        Contract.stream(own, dOut, "dOut", rows, out.extent(1));
        like(own, dq, "dq", rows, q.extent(0), q.extent(2));
        like(own, dk, "dk", rows, cache.groups(), q.extent(2));
        like(own, dv, "dv", rows, cache.groups(), q.extent(2));
    }

    public static void addProjected(Backend own, Tensor y, int rows, Matrix w, Tensor dx, Tensor dy, Tensor dW) {
        Contract.addProjected(own, y, rows, w, dx);
        Contract.stream(own, dy, "dy", rows, w.inputs());
        weights(own, dW, "dW", w);
    }

    public static void feedForward(Backend own, Tensor x, int rows, Tensor norm, Matrix gateUp, Matrix down, Tensor dx,
                                   Tensor dNorm, Tensor dGateUp, Tensor dDown) {
        Contract.feedForward(own, x, rows, norm, gateUp, down);
        Contract.stream(own, dx, "dx", rows, gateUp.inputs());
        optional(own, dNorm, "dNorm", gateUp.inputs());
        weights(own, dGateUp, "dGateUp", gateUp);
        weights(own, dDown, "dDown", down);
    }

    public static void score(Backend own, Tensor x, int rows, Tensor norm, Matrix head, int[] targets, double weight,
                             Tensor dx, Tensor dNorm, Tensor dHead) {
        Contract.score(own, x, rows, norm, head, targets);
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("weight is " + weight + ", wanted a finite number");
        }
        for (int t = 0; t < rows; t++) {
            if (targets[t] >= head.outputs()) {
                throw new IllegalArgumentException("target " + t + " is " + targets[t] + ", wanted at most "
                        + (head.outputs() - 1));
            }
        }
        Contract.stream(own, dx, "dx", rows, head.inputs());
        optional(own, dNorm, "dNorm", head.inputs());
        weights(own, dHead, "dHead", head);
    }

    public static void copy(Backend own, Tensor x, int rows, Tensor to) {
        Contract.stream(own, x, "x", rows, x.extent(x.shape().length - 1));
        Contract.stream(own, to, "to", rows, x.extent(1));
    }

    public static void clear(Backend own, Tensor x) {
        Contract.belongs(own, x.arena(), "x");
    }

    public static void load(Backend own, Tensor vector, float[] values) {
        Contract.belongs(own, vector.arena(), "the vector");
        Contract.same("values of a tensor", values.length, Contract.elements(vector.shape()));
    }

    public static void load(Backend own, Matrix matrix, float[] values) {
        Contract.matrix(own, matrix, "the matrix");
        Contract.same("values of a matrix", values.length, (long) matrix.outputs() * matrix.inputs());
    }

    public static void load(Backend own, Tensor vector, Tensor values) {
        Contract.belongs(own, vector.arena(), "the vector");
        Contract.belongs(own, values.arena(), "the values");
        Contract.same("values of a tensor", Contract.elements(values.shape()), Contract.elements(vector.shape()));
    }

    public static void load(Backend own, Matrix matrix, Tensor values) {
        Contract.matrix(own, matrix, "the matrix");
        Contract.belongs(own, values.arena(), "the values");
        Contract.same("values of a matrix", Contract.elements(values.shape()),
                (long) matrix.outputs() * matrix.inputs());
    }

    public static void learned(Backend own, List<Gradients.Learned> weights) {
        for (var each : weights) {
            for (Tensor tensor : List.of(each.value(), each.mean(), each.square(), each.slope())) {
                Contract.belongs(own, tensor.arena(), "a weight");
                long size = Contract.elements(tensor.shape());
                if (each.from() < 0 || each.count() < 0 || (long) each.from() + each.count() > size) {
                    throw new IllegalArgumentException("weights " + each.from() + " and " + each.count()
                            + " more, wanted them within " + size);
                }
            }
        }
    }

    private static void like(Backend own, Tensor tensor, String name, int rows, int heads, int width) {
        Contract.heads(own, tensor, name, rows);
        Contract.same("heads of " + name, tensor.extent(0), heads);
        Contract.same("width of " + name, tensor.extent(2), width);
    }

    private static void optional(Backend own, Tensor tensor, String name, int length) {
        if (tensor != null) {
            Contract.vector(own, tensor, name, length);
        }
    }

    private static void weights(Backend own, Tensor tensor, String name, Matrix like) {
        if (tensor != null) {
            Contract.stream(own, tensor, name, like.outputs(), like.inputs());
            Contract.extent(tensor, name, 0, like.outputs());
        }
    }
}
