package seer.model.backend;

import java.util.Arrays;
import java.util.List;
import seer.model.load.WeightTensor;

/// The checks that every backend makes of shapes before a kernel runs, in words: a kernel itself cannot complain.
public final class Shapes {
    private Shapes() { }

    /// Requires exactly `wanted` at an axis.
    public static void extent(Tensor tensor, String name, int axis, int wanted) {
        if (tensor.extent(axis) != wanted) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted "
                    + wanted + " at axis " + axis);
        }
    }

    /// Requires room for `rows` at an axis.
    public static void rows(Tensor tensor, String name, int axis, int rows) {
        if (rows < 0 || tensor.extent(axis) < rows) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted at least "
                    + rows + " at axis " + axis);
        }
    }

    /// Requires two numbers to be the same.
    public static void same(String what, int got, int wanted) {
        if (got != wanted) {
            throw new IllegalArgumentException(what + ": got " + got + ", wanted " + wanted);
        }
    }

    /// Requires `number` to be a multiple of `divisor`.
    public static void divides(String part, int divisor, String whole, int number) {
        if (divisor < 1 || number % divisor != 0) {
            throw new IllegalArgumentException(
                    whole + " is " + number + ", not a multiple of " + part + ", which is " + divisor);
        }
    }

    /// Outputs of weight tensors `[outputs, inputs]` stacked along their outputs; all have the inputs of the first.
    public static int outputs(List<WeightTensor> stacked) {
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
}
