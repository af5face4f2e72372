package seer.gate.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import seer.gate.course.AdamW;
import seer.gate.course.Parameter;
import seer.model.LanguageModel;
import seer.model.LearningSession;
import seer.model.backend.WeightChange;

/// Weights that stay as they are but for a product of two thin matrices: `W = W0 + 2 B A`, `A` drawn by lot, `B` at
/// first 0.
///
/// ```text
///   W0 [N, K]    A [R, K]  N(0, 1/K)    B [N, R]  0         dB = 2 dW A^T     dA = 2 B^T dW
/// ```
///
/// The model computes with `W`, so that it is as fast as ever, and its gradient is that by `W`; what is saved is the
/// optimiser's memory, not the gradient's. `A` and `B` learn on the host.
///
/// @param first    `W0` by name
/// @param down     `A` of each; `up` is `B`
/// @param slopes   the gradient by `W`, by name
/// @param gradient by `A` and `B`, of the last [#squares()]
record LowRankWeights(int rank, LearningSession session, Map<String, float[]> first, List<Parameter> down,
                      List<Parameter> up, Map<String, float[]> slopes, List<float[]> gradient)
        implements TunedWeights {
    /// What the product is multiplied with: alpha / R, with alpha twice the rank.
    private static final float SCALE = 2;

    static LowRankWeights first(int rank, LanguageModel model, LearningSession session, long seed) {
        var slopes = new LinkedHashMap<String, float[]>();
        var first = new LinkedHashMap<String, float[]>();
        var down = new ArrayList<Parameter>();
        var up = new ArrayList<Parameter>();
        var random = new SplittableRandom(seed);
        session.shapes().forEach((name, shape) -> {
            first.put(name, model.weights(name));
            slopes.put(name, new float[first.get(name).length]);
            var a = Parameter.zero(name + ".lora_a", rank, shape[1]);
            double deviation = 1 / Math.sqrt(shape[1]);
            for (int i = 0; i < a.value().length; i++) {
                a.value()[i] = (float) (random.nextGaussian() * deviation);
            }
            down.add(a);
            up.add(Parameter.zero(name + ".lora_b", shape[0], rank));
        });
        return new LowRankWeights(rank, session, first, List.copyOf(down), List.copyOf(up), slopes,
                new ArrayList<>());
    }

    @Override
    public double squares() {
        session.takeGradients(slopes);
        gradient.clear();
        gradient.addAll(gradients(slopes));
        return AdamW.squares(gradient);
    }

    @Override
    public void change(WeightChange change) {
        AdamW.change(parameters(), gradient, change);
        use();
    }

    @Override
    public void use() {
        session.load(values());
    }

    @Override
    public long size() {
        return parameters().stream().mapToLong(parameter -> parameter.value().length).sum();
    }

    @Override
    public List<Parameter> parameters() {
        return IntStream.range(0, 2 * down.size()).mapToObj(i -> (i % 2 == 0 ? down : up).get(i / 2)).toList();
    }

    @Override
    public Map<String, float[]> values() {
        var names = List.copyOf(first.keySet());
        var made = IntStream.range(0, names.size()).parallel().mapToObj(i -> value(names.get(i), i)).toList();
        var values = new LinkedHashMap<String, float[]>();
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), made.get(i));
        }
        return values;
    }

    private float[] value(String name, int i) {
        float[] w = first.get(name).clone();
        float[] a = down.get(i).value();
        float[] b = up.get(i).value();
        int inputs = a.length / rank;
        for (int n = 0; n < w.length / inputs; n++) {
            for (int r = 0; r < rank; r++) {
                add(SCALE * b[n * rank + r], a, r * inputs, w, n * inputs, inputs);
            }
        }
        return w;
    }

    /// In the order of [#parameters()].
    List<float[]> gradients(Map<String, float[]> byWeights) {
        var names = List.copyOf(first.keySet());
        return IntStream.range(0, names.size()).parallel()
                .mapToObj(i -> gradients(byWeights.get(names.get(i)), i)).flatMap(List::stream).toList();
    }

    private List<float[]> gradients(float[] dW, int i) {
        float[] a = down.get(i).value();
        float[] b = up.get(i).value();
        int inputs = a.length / rank;
        var da = new float[a.length];
        var db = new float[b.length];
        for (int n = 0; n < b.length / rank; n++) {
            for (int r = 0; r < rank; r++) {
                add(SCALE * b[n * rank + r], dW, n * inputs, da, r * inputs, inputs);
                db[n * rank + r] = SCALE * dot(dW, n * inputs, a, r * inputs, inputs);
            }
        }
        return List.of(da, db);
    }

    private static void add(float factor, float[] x, int from, float[] y, int to, int count) {
        for (int k = 0; k < count; k++) {
            y[to + k] += factor * x[from + k];
        }
    }

    private static float dot(float[] x, int from, float[] y, int to, int count) {
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += (double) x[from + k] * y[to + k];
        }
        return (float) sum;
    }
}
