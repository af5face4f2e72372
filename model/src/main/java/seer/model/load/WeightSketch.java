package seer.model.load;

import java.util.List;
import java.util.stream.IntStream;

/// A few numbers that tell the weights of one model from those of another, and that a change of precision leaves as
/// they are but for rounding, where a checksum tells that any bit changed.
///
/// Every weight is added to one of 16 sums, or taken from it, as a hash of its tensor's name and its place says (a
/// count sketch: Charikar, Chen, Farach-Colton 2002); the sums are divided by what weights of this size give on
/// average. So each is drawn, as it were, from N(0, 1), and two models that differ by a share `d` of their size differ
/// by about `d` in each. BF16 and F16, rounded or cut off, stay within 0.005; other models do not agree in all 16 to a
/// hundredth, and models fine-tuned by a few hundredths of their weights' size do not either.
///
/// @param values 16 numbers
public record WeightSketch(List<Double> values) {
    private static final int SUMS = 16;
    private static final double CLOSE = 0.01;
    private static final int CHUNK = 1 << 16;
    /// Tied heads are stored once or twice, tables of frequencies or not at all.
    private static final List<String> NOT_COUNTED = List.of("lm_head.weight", "rotary_emb.inv_freq");

    /// @throws IllegalArgumentException if it is not as many numbers as a sketch has
    public WeightSketch {
        values = List.copyOf(values);
        if (values.size() != SUMS || !values.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("a sketch of weights is " + values.size() + " numbers, wanted " + SUMS);
        }
    }

    /// Of all weights of a model. Reads every byte.
    public static WeightSketch of(WeightSource store) {
        var names = store.names().stream().filter(WeightSketch::counts).sorted().toList();
        double[][] parts = names.parallelStream().map(name -> part(store.tensor(name))).toArray(double[][]::new);
        var sums = new double[SUMS + 1]; // and the squares
        for (double[] part : parts) { // in the order of their names, whatever thread took them
            for (int i = 0; i <= SUMS; i++) {
                sums[i] += part[i];
            }
        }
        double usual = Math.sqrt(sums[SUMS] / SUMS);
        return new WeightSketch(IntStream.range(0, SUMS).mapToObj(i -> round(usual == 0 ? 0 : sums[i] / usual))
                .toList());
    }

    /// Whether the other is of the same weights, in whatever precision.
    public boolean matches(WeightSketch other) {
        return IntStream.range(0, SUMS).allMatch(i -> Math.abs(values.get(i) - other.values.get(i)) <= CLOSE);
    }

    private static boolean counts(String name) {
        return NOT_COUNTED.stream().noneMatch(name::endsWith);
    }

    private static double[] part(WeightTensor tensor) {
        var sums = new double[SUMS + 1];
        if (!tensor.type().isFloat()) {
            return sums;
        }
        long seed = hash(tensor.name());
        var values = new float[CHUNK];
        for (long from = 0; from < tensor.size(); from += CHUNK) {
            int count = (int) Math.min(CHUNK, tensor.size() - from);
            tensor.read(from, count, values, 0);
            for (int i = 0; i < count; i++) {
                long bits = mix(seed + from + i);
                double value = values[i];
                sums[(int) (bits >>> 60)] += (bits & 1) == 0 ? value : -value;
                sums[SUMS] += value * value;
            }
        }
        return sums;
    }

    private static long hash(String name) {
        return name.chars().asLongStream().reduce(0xcbf29ce484222325L, (hash, c) -> (hash ^ c) * 0x100000001b3L);
    }

    /// The finaliser of SplitMix64 (Steele and others 2014).
    private static long mix(long z) {
        z *= 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /// Four decimals are a hundredth of what is compared.
    private static double round(double value) {
        return Math.round(value * 1e4) / 1e4;
    }
}
