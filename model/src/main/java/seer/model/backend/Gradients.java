package seer.model.backend;

import java.util.List;
import seer.model.attention.BlockMask;

/// What training needs of a backend beside [Backend]: for each operation of the forward pass the one that carries the
/// gradient of a loss back through it. Optional, by [Backend#gradients].
///
/// `dx` is the derivative of the loss by `x`. Derivatives by weights are added to, so that sequences can follow one
/// another; null where the weights are frozen, and then they cost nothing. They are as their weights: `[outputs,
/// inputs]`, stacked as the matrix is. Those of a residual stream are changed in place, from what flows in behind the
/// operation to what flows out before it; all others are overwritten.
///
/// Operations whose inputs are gone by then are given them again: a layer is computed once more, so that only its
/// input needs to be kept. The prompt is one chunk, from position 0 on. What is said of operands is checked by
/// [GradientContract].
///
/// Sums are taken in an order that depends on the shapes alone: a training repeats to the bit, whatever the number of
/// threads.
public interface Gradients {

    /// Of [Backend#embed]: `dTable[tokens[t]] += dx[t]`, for all tokens, in their order.
    ///
    /// @param dTable `[vocabulary, C]`
    void embed(int[] tokens, Tensor dx, Tensor dTable);

    /// Of [Backend#project]: from queries, keys and values to the stream before the norm, `dx += ...`.
    ///
    /// @param rotary that queries and keys went through behind it, from position 0 on: `dq` and `dk` are by the turned
    ///               ones, and are turned back first, in place or not; null where they are by those before
    /// @param dq    `[H, T, D]`; `dk` and `dv` are `[G, T, D]`
    /// @param dNorm `[C]`; `dQkv` is `[(H + 2G) * D, C]`, `dBias` `[(H + 2G) * D]`; each of them may be null
    void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Rotary rotary, Tensor dq, Tensor dk,
                 Tensor dv, Tensor dx, Tensor dNorm, Tensor dQkv, Tensor dBias);

    /// What [#project] does first where it is told a rotation and nothing better is at hand.
    static void turnBack(Backend backend, Rotary rotary, int rows, Tensor... slopes) {
        if (rotary != null) {
            for (Tensor slope : slopes) {
                backend.rotate(slope, 0, rows, rotary.transposed(), 0, 1, slope, 0);
            }
        }
    }

    /// Of [Backend#normHeads]: turns the derivative by the normed vectors into that by `x`, in place.
    ///
    /// @param x     `[heads, T, D]` before the norm
    /// @param dy    as `x`
    /// @param dNorm `[D]` or null
    void normHeads(Tensor x, int rows, Tensor norm, double epsilon, Tensor dy, Tensor dNorm);

    /// Of [Backend#attend]: dq over each row's list, dk and dv over the lists transposed. With
    /// `delta = rowsum(dOut * out)` and `p = e^(s - lse)`, `ds = p (dOut v - delta) / sqrt(D)`.
    ///
    /// A query without any block gives and gets nothing. Dense attention is a mask of all blocks.
    ///
    /// @param q         `[H, T, D]` after rotation
    /// @param cache     of the same prompt: keys after rotation
    /// @param out       `[T, H * D]` as [Backend#attend] gave it
    /// @param logSumExp `[H, T]` likewise
    /// @param dOut      as `out`
    /// @param dq        `[H, T, D]` after rotation; `dk` and `dv` are `[G, T, D]`, keys after rotation
    void attend(Tensor q, int rows, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp, Tensor dOut,
                Tensor dq, Tensor dk, Tensor dv);

    /// Of [Backend#addProjected]: `dy = dx * w`, `dW += dx^T y`; `dx` passes on as it is.
    ///
    /// @param dW `[outputs, inputs]` or null
    void addProjected(Tensor y, int rows, Matrix w, Tensor dx, Tensor dy, Tensor dW);

    /// Of [Backend#feedForward].
    ///
    /// @param x     before it
    /// @param dx    in place
    /// @param dNorm `[C]`; `dGateUp` is `[2F, C]`, gate over up, `dDown` `[C, F]`; each of them may be null
    void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down, Tensor dx,
                     Tensor dNorm, Tensor dGateUp, Tensor dDown);

    /// Scores the successors of the rows as [Backend#score] does, and gives the gradient of `weight` times the sum of
    /// their negative log-likelihoods. Logits are made a slice at a time: no array of rows times vocabulary is held.
    ///
    /// @param targets negative where a row does not count
    /// @param dx      `[T, C]`, overwritten
    /// @param dNorm   `[C]`; `dHead` is `[vocabulary, C]`; either may be null
    TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets, double weight,
                      Tensor dx, Tensor dNorm, Tensor dHead);

    /// Copies the first `rows` rows of a residual stream.
    void copy(Tensor x, int rows, Tensor to);

    /// Sets all elements to 0.
    void clear(Tensor x);

    /// New weights for a vector.
    ///
    /// @throws IllegalArgumentException if there are more or fewer than it has elements
    void load(Tensor vector, float[] values);

    /// New weights for a matrix, `[outputs, inputs]`, stacked as it is.
    void load(Matrix matrix, float[] values);

    /// The same from numbers that the backend holds.
    void load(Tensor vector, Tensor values);

    /// The same from numbers that the backend holds.
    void load(Matrix matrix, Tensor values);

    /// A matrix or a vector, and numbers of its shape that the backend holds.
    ///
    /// @param matrix null for a vector, and the other way round
    record Taken(Matrix matrix, Tensor vector, Tensor values) { }

    /// The same for many, which a backend may do at once. Whoever asks again and again with the same list is faster.
    default void load(List<Taken> all) {
        for (Taken each : all) {
            if (each.matrix() != null) {
                load(each.matrix(), each.values());
            } else {
                load(each.vector(), each.values());
            }
        }
    }

    /// Some of the elements of tensors of one shape: weights that learn, in 32 bits whatever the model computes with,
    /// what AdamW keeps beside them, and their derivatives.
    ///
    /// @param mean   running mean of the derivatives
    /// @param square running mean of their squares
    record Learned(Tensor value, Tensor mean, Tensor square, Tensor slope, int from, int count) { }

    /// The sum of squares of their derivatives.
    double squares(List<Learned> weights);

    /// Changes them once; their derivatives are 0 afterwards.
    void change(List<Learned> weights, WeightChange change);
}
