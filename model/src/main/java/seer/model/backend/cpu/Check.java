package seer.model.backend.cpu;

import java.util.Arrays;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;

/// Shapes, checked in words before any kernel runs.
final class Check {
    private Check() {
    }

    static CpuTensor tensor(Tensor tensor, String name, int axes) {
        if (!(tensor instanceof CpuTensor own)) {
            throw new IllegalArgumentException(name + " is not a tensor of the cpu backend");
        }
        if (own.shape().length != axes) {
            throw new IllegalArgumentException(
                    name + " is " + Arrays.toString(own.shape()) + ", wanted " + axes + " axes");
        }
        return own;
    }

    static CpuMatrix matrix(Matrix matrix, String name) {
        if (!(matrix instanceof CpuMatrix own)) {
            throw new IllegalArgumentException(name + " is not a matrix of the cpu backend");
        }
        return own;
    }

    static void extent(CpuTensor tensor, String name, int axis, int wanted) {
        if (tensor.extent(axis) != wanted) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted "
                    + wanted + " at axis " + axis);
        }
    }

    static void rows(CpuTensor tensor, String name, int axis, int rows) {
        if (rows < 0 || tensor.extent(axis) < rows) {
            throw new IllegalArgumentException(name + " is " + Arrays.toString(tensor.shape()) + ", wanted at least "
                    + rows + " at axis " + axis);
        }
    }

    static void same(String what, int got, int wanted) {
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

    static float[] vector(Tensor tensor, String name, int length) {
        CpuTensor vector = tensor(tensor, name, 1);
        extent(vector, name, 0, length);
        return vector.values();
    }

    /// A residual stream `[T, C]` of at least `rows` rows.
    static CpuTensor stream(Tensor x, int rows, int width) {
        CpuTensor stream = tensor(x, "x", 2);
        rows(stream, "x", 0, rows);
        extent(stream, "x", 1, width);
        return stream;
    }

    /// Keys or values `[G, S, D]` that fit the queries `[H, T, D]`.
    static CpuTensor cache(Tensor tensor, String name, CpuTensor queries, int rows) {
        CpuTensor cache = tensor(tensor, name, 3);
        rows(cache, name, 1, rows);
        extent(cache, name, 2, queries.extent(2));
        divides("heads of " + name, cache.extent(0), "heads of q", queries.extent(0));
        divides("4", 4, "head width", queries.extent(2));
        return cache;
    }
}
