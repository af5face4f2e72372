package seer.model.backend.tornado;

import java.util.Arrays;
import seer.model.backend.Matrix;
import seer.model.backend.Shapes;
import seer.model.backend.Tensor;

/// Shapes, checked in words before any kernel runs.
record Check(Device device) {

    DeviceTensor tensor(Tensor tensor, String name, int axes) {
        if (!(tensor instanceof DeviceTensor own) || own.device() != device) {
            throw new IllegalArgumentException(name + " is not a tensor of this tornado backend");
        }
        if (own.shape().length != axes) {
            throw new IllegalArgumentException(
                    name + " is " + Arrays.toString(own.shape()) + ", wanted " + axes + " axes");
        }
        return own;
    }

    DeviceMatrix matrix(Matrix matrix, String name) {
        if (!(matrix instanceof DeviceMatrix own) || own.device() != device) {
            throw new IllegalArgumentException(name + " is not a matrix of this tornado backend");
        }
        return own;
    }

    DeviceTensor vector(Tensor tensor, String name, int length) {
        DeviceTensor vector = tensor(tensor, name, 1);
        Shapes.extent(vector, name, 0, length);
        return vector;
    }

    /// A residual stream `[T, C]` of at least `rows` rows.
    DeviceTensor stream(Tensor x, String name, int rows, int width) {
        DeviceTensor stream = tensor(x, name, 2);
        Shapes.rows(stream, name, 0, rows);
        Shapes.extent(stream, name, 1, width);
        return stream;
    }

    /// Keys or values `[G, S, D]` that fit the queries `[H, T, D]`.
    DeviceTensor cache(Tensor tensor, String name, DeviceTensor queries, int rows) {
        DeviceTensor cache = tensor(tensor, name, 3);
        Shapes.rows(cache, name, 1, rows);
        Shapes.extent(cache, name, 2, queries.extent(2));
        Shapes.divides("heads of " + name, cache.extent(0), "heads of q", queries.extent(0));
        return cache;
    }
}
