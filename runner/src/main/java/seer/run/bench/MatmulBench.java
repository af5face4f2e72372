package seer.run.bench;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.DType;
import seer.model.load.WeightTensor;

/// The projections' matrix product: `rows` vectors of width `inputs` through a weight matrix.
final class MatmulBench implements AutoCloseable {
    private final Backend backend;
    private final Arena arena;
    private final int rows;
    private final Matrix weights;
    private final Tensor x;
    private final Tensor y;
    private final double flops;

    MatmulBench(Backend backend, int rows, int inputs, int outputs) {
        this.backend = backend;
        this.rows = rows;
        this.arena = backend.arena("the benchmark", 0);
        this.weights = arena.matrix(List.of(new WeightTensor(Path.of("random"), "w", DType.F32,
                List.of(outputs, inputs), MemorySegment.ofArray(random(outputs * inputs)))));
        this.x = arena.activations(random(rows * inputs), rows, inputs);
        this.y = arena.allocate(rows, outputs);
        this.flops = 2.0 * rows * inputs * outputs;
    }

    double flops() {
        return flops;
    }

    void run() {
        backend.addProjected(x, rows, weights, y);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static float[] random(int size) {
        var random = new SplittableRandom(size);
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() - 0.5) * 0.1f;
        }
        return values;
    }
}
