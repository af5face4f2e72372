package seer.run.bench;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import seer.model.attention.BlockMask;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Tensor;

/// Attention of one shape on normal queries, keys and values, as the backend stores what passes between the operations
/// of a layer.
public final class AttentionTrial implements AutoCloseable {
    /// Where the numbers of a tensor begin in the endless row that [NormalTile] repeats.
    private static final long KEYS = 1L << 33;
    private static final long VALUES = 1L << 34;
    private static final int SAMPLES = 64;

    private final NormalTile tile;
    private final Backend backend;
    private final AttentionShape shape;
    private final Arena arena;
    private final Tensor queries;
    private final KeyValueCache cache;
    private final Tensor out;
    private final double uploadMillis;
    private double compileMillis; // since it was last asked for

    /// @param seed of all numbers
    public AttentionTrial(Backend backend, AttentionShape shape, long seed) {
        this.tile = new NormalTile(seed);
        this.backend = backend;
        this.shape = shape;
        this.arena = backend.arena("the benchmark", 0);
        long compiled = backend.compileNanos();
        long[] drawn = new long[1];
        double millis;
        try {
            long start = System.nanoTime();
            int width = shape.headWidth();
            this.queries = upload(arena, 0, drawn, shape.heads());
            this.cache = arena.cache(shape.groups(), shape.tokens(), width);
            try (Arena once = arena.within("keys and values")) {
                backend.append(upload(once, KEYS, drawn, shape.groups()), upload(once, VALUES, drawn, shape.groups()),
                        shape.tokens(), null, 0, cache);
            }
            this.out = arena.activations(shape.tokens(), shape.heads() * width);
            backend.await();
            millis = (System.nanoTime() - start - drawn[0]) * 1e-6;
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
        this.compileMillis = (backend.compileNanos() - compiled) * 1e-6;
        this.uploadMillis = millis - compileMillis;
    }

    private Tensor upload(Arena to, long from, long[] drawn, int heads) {
        long start = System.nanoTime();
        float[] numbers = tile.numbers(from, Math.multiplyExact(heads, shape.tokens() * shape.headWidth()));
        drawn[0] += System.nanoTime() - start;
        return to.activations(numbers, heads, shape.tokens(), shape.headWidth());
    }

    /// What bringing queries, keys and values to the backend took, in its layout and without compilation.
    public double uploadMillis() {
        return uploadMillis;
    }

    /// What compilation has taken since the last call.
    public double compileMillis() {
        double taken = compileMillis;
        compileMillis = 0;
        return taken;
    }

    /// Times attention, by the wall's clock. The warm-up brings the lists to the backend.
    public Timing time(BlockMask mask, Timing.Plan plan, DoubleConsumer progress) {
        long compiled = backend.compileNanos();
        var timing = Timing.of(plan, () -> Timing.wall(() -> attend(mask)), progress);
        compileMillis += (backend.compileNanos() - compiled) * 1e-6;
        return timing;
    }

    /// Milliseconds of each kernel of one attention on the device, mean of so many; empty where nothing is measured.
    public Map<String, Double> kernels(BlockMask mask, int repetitions) {
        return KernelClock.mean(backend, repetitions, () -> attend(mask));
    }

    private void attend(BlockMask mask) {
        backend.attend(queries, shape.tokens(), 0, cache, mask, out, null);
        backend.await();
    }

    /// Relative L2 distance of some rows of the result from the same in double precision: of the first and the last
    /// row of the first head, and of some drawn by lot.
    public double error(BlockMask mask) {
        attend(mask);
        float[] result = out.download();
        var random = new SplittableRandom(shape.tokens());
        int last = shape.tokens() - 1;
        int[] heads = IntStream.range(0, SAMPLES).map(i -> i < 2 ? 0 : random.nextInt(shape.heads())).toArray();
        int[] rows = IntStream.range(0, SAMPLES).map(i -> i < 2 ? i * last : random.nextInt(shape.tokens())).toArray();
        double[][] sums = IntStream.range(0, SAMPLES).parallel()
                .mapToObj(i -> distance(reference(mask, heads[i], rows[i]), result, heads[i], rows[i]))
                .toArray(double[][]::new);
        double apart = 0;
        double size = 0;
        for (double[] sum : sums) {
            apart += sum[0];
            size += sum[1];
        }
        return Math.sqrt(apart / size);
    }

    private double[] distance(double[] wanted, float[] result, int head, int row) {
        int at = (row * shape.heads() + head) * shape.headWidth();
        double apart = 0;
        double size = 0;
        for (int i = 0; i < wanted.length; i++) {
            double difference = result[at + i] - wanted[i];
            apart += difference * difference;
            size += wanted[i] * wanted[i];
        }
        return new double[] {apart, size};
    }

    private double[] reference(BlockMask mask, int head, int row) {
        int width = shape.headWidth();
        float[] query = vector(0, head, row);
        int group = head / (shape.heads() / shape.groups());
        int[] seen = keys(mask, head, row);
        var scores = new double[seen.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < seen.length; i++) {
            float[] key = vector(KEYS, group, seen[i]);
            double dot = 0;
            for (int c = 0; c < width; c++) {
                dot += (double) query[c] * key[c];
            }
            scores[i] = dot / Math.sqrt(width);
            largest = Math.max(largest, scores[i]);
        }
        var result = new double[width];
        double total = 0;
        for (int i = 0; i < seen.length; i++) {
            double weight = Math.exp(scores[i] - largest);
            total += weight;
            float[] value = vector(VALUES, group, seen[i]);
            for (int c = 0; c < width; c++) {
                result[c] += weight * value[c];
            }
        }
        for (int c = 0; c < width; c++) {
            result[c] /= total;
        }
        return result;
    }

    private float[] vector(long from, int head, int row) {
        return tile.numbers(from + ((long) head * shape.tokens() + row) * shape.headWidth(), shape.headWidth());
    }

    /// Positions that a query sees.
    private int[] keys(BlockMask mask, int head, int row) {
        if (mask.isDense()) {
            return IntStream.rangeClosed(0, row).toArray();
        }
        int r = head * mask.rows() + row / mask.block();
        int[] index = mask.index();
        return IntStream.range(mask.start()[r], mask.start()[r + 1])
                .flatMap(i -> IntStream.range(index[i] * mask.block(), (index[i] + 1) * mask.block()))
                .filter(key -> key <= row).toArray();
    }

    @Override
    public void close() {
        arena.close();
    }
}
