package seer.model.backend.tornado;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.backend.cpu.CpuBackend;
import seer.model.load.DType;
import seer.model.load.WeightTensor;
import seer.support.Close;

/// The same work on the processor and through the task graphs, with the same inputs.
final class Both implements AutoCloseable {
    final Backend cpu = new CpuBackend(1);
    final Backend tornado = new TornadoBackend();

    /// Inputs that both sides see alike: every call with the same seed gives the same numbers.
    static final class Inputs {
        private final Arena arena;
        private final Random random;

        Inputs(Arena arena, long seed) {
            this.arena = arena;
            this.random = new Random(seed);
        }

        Backend backend() {
            return arena.backend();
        }

        Arena arena() {
            return arena;
        }

        float[] values(int count, double deviation) {
            var values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (random.nextGaussian() * deviation);
            }
            return values;
        }

        Tensor tensor(int... shape) {
            int size = 1;
            for (int extent : shape) {
                size *= extent;
            }
            return arena.upload(values(size, 1), shape);
        }

        /// A cache full of keys and values.
        KeyValueCache cache(int G, int S, int D) {
            KeyValueCache cache = arena.cache(G, S, D);
            backend().append(tensor(G, S, D), tensor(G, S, D), S, null, 0, cache);
            return cache;
        }

        Matrix matrix(int outputs, int inputs) {
            return arena.matrix(List.of(new WeightTensor(Path.of("test.safetensors"), "w", DType.F32,
                    List.of(outputs, inputs),
                    MemorySegment.ofArray(values(outputs * inputs, 1 / Math.sqrt(inputs))))));
        }
    }

    /// Fails unless both give the same, as closely as 32-bit sums allow.
    void agree(String what, long seed, double tolerance, Function<Inputs, float[]> work) {
        Close.assertWithin(result(cpu, seed, work), result(tornado, seed, work), tolerance, what);
    }

    private static float[] result(Backend backend, long seed, Function<Inputs, float[]> work) {
        try (Arena arena = backend.arena("the test", 0)) {
            return work.apply(new Inputs(arena, seed));
        }
    }

    @Override
    public void close() {
        cpu.close();
        tornado.close();
    }
}
