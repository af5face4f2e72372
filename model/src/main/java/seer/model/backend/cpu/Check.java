package seer.model.backend.cpu;

import java.util.Arrays;
import seer.model.backend.Matrix;
import seer.model.backend.Shapes;
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

    static float[] vector(Tensor tensor, String name, int length) {
        CpuTensor vector = tensor(tensor, name, 1);
        Shapes.extent(vector, name, 0, length);
        return vector.values();
    }

    /// A residual stream `[T, C]` of at least `rows` rows.
    static CpuTensor stream(Tensor x, int rows, int width) {
        CpuTensor stream = tensor(x, "x", 2);
        Shapes.rows(stream, "x", 0, rows);
        Shapes.extent(stream, "x", 1, width);
        return stream;
    }

    /// Keys or values `[G, S, D]` that fit the queries `[H, T, D]`.
    static CpuTensor cache(Tensor tensor, String name, CpuTensor queries, int rows) {
        CpuTensor cache = tensor(tensor, name, 3);
        Shapes.rows(cache, name, 1, rows);
        Shapes.extent(cache, name, 2, queries.extent(2));
        Shapes.divides("heads of " + name, cache.extent(0), "heads of q", queries.extent(0));
        Shapes.divides("4", 4, "head width", queries.extent(2));
        return cache;
    }
}
