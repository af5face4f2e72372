package seer.model.backend.tornado;

import java.util.Arrays;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
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

    /// One side of a gate.
    void side(GateSide side, String name, GateChunk chunk, Rotary rotary) {
        DeviceTensor raw = tensor(side.raw(), "raw " + name, 3);
        DeviceTensor vectors = tensor(side.vectors(), name, 3);
        int inputs = side.poolings().size() * raw.extent(2);
        Shapes.rows(raw, "raw " + name, 1, chunk.tokens());
        Shapes.rows(vectors, name, 1, side.at() + chunk.blocks());
        if (side.weights() == null) {
            Shapes.same("heads of " + name, vectors.extent(0), raw.extent(0));
            Shapes.same("width of " + name, vectors.extent(2), inputs);
        } else {
            DeviceTensor weights = tensor(side.weights(), "weights of " + name, 3);
            Shapes.divides("raw heads of " + name, raw.extent(0), "heads of its weights", weights.extent(0));
            Shapes.same("inputs of the weights of " + name, weights.extent(1), inputs);
            Shapes.same("heads of " + name, vectors.extent(0), weights.extent(0));
            Shapes.same("width of " + name, vectors.extent(2), weights.extent(2));
        }
        if (rotary.width() > vectors.extent(2)) {
            throw new IllegalArgumentException("rotary width is " + rotary.width() + ", " + name + " are only "
                    + vectors.extent(2) + " wide");
        }
    }
}
