package seer.support;

/// The transformer in plain double precision, token by token: slow, obvious, the oracle of the fast one.
public final class PlainTransformer {
    private static final double EPSILON = 1e-5;

    private final TinyModel m;
    private final Sight sight;

    /// What a query sees of the keys before it.
    @FunctionalInterface
    public interface Sight {
        boolean sees(int layer, int head, int query, int key);
    }

    /// The same in all layers.
    @FunctionalInterface
    public interface Keys {
        boolean seen(int head, int query, int key);
    }

    /// Dense causal attention.
    public PlainTransformer(TinyModel model) {
        this(model, (layer, head, query, key) -> true);
    }

    /// With attention to some keys only.
    public PlainTransformer(TinyModel model, Keys keys) {
        this(model, (layer, head, query, key) -> keys.seen(head, query, key));
    }

    public PlainTransformer(TinyModel model, Sight sight) {
        this.m = model;
        this.sight = sight;
    }

    /// Mean negative log-likelihood of the tokens but the first.
    public double loss(int[] tokens) {
        double[][] logits = logits(tokens);
        double sum = 0;
        for (int t = 0; t + 1 < tokens.length; t++) {
            double largest = java.util.Arrays.stream(logits[t]).max().orElseThrow();
            double denominator = 0;
            for (double logit : logits[t]) {
                denominator += Math.exp(logit - largest);
            }
            sum += largest + Math.log(denominator) - logits[t][tokens[t + 1]];
        }
        return sum / (tokens.length - 1);
    }

    /// Logits of every position.
    public double[][] logits(int[] tokens) {
        double[][] x = streams(tokens);
        var logits = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            logits[t] = head(x[t]);
        }
        return logits;
    }

    /// Those of the last position alone.
    public float[] last(int[] tokens) {
        double[] logits = head(streams(tokens)[tokens.length - 1]);
        var floats = new float[logits.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) logits[i];
        }
        return floats;
    }

    private double[] head(double[] x) {
        String head = m.tied() ? "model.embed_tokens.weight" : "lm_head.weight";
        return times(weight(head), null, norm(x, weight("model.norm.weight")));
    }

    private double[][] streams(int[] tokens) {
        var x = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            x[t] = row(weight("model.embed_tokens.weight"), tokens[t], m.width());
        }
        for (int layer = 0; layer < m.layers(); layer++) {
            layer(layer, "model.layers." + layer + ".", x);
        }
        return x;
    }

    private void layer(int layer, String p, double[][] x) {
        int n = x.length;
        int d = m.headWidth();
        var q = new double[n][];
        var k = new double[n][];
        var v = new double[n][];
        for (int t = 0; t < n; t++) {
            double[] normed = norm(x[t], weight(p + "input_layernorm.weight"));
            q[t] = rotate(heads(p + "self_attn.q", normed), t, n);
            k[t] = rotate(heads(p + "self_attn.k", normed), t, n);
            v[t] = project(p + "self_attn.v_proj", normed);
        }
        for (int t = 0; t < n; t++) {
            var attended = new double[m.heads() * d];
            for (int h = 0; h < m.heads(); h++) {
                attend(layer, q[t], k, v, t, h, attended);
            }
            add(x[t], times(weight(p + "self_attn.o_proj.weight"), null, attended));
            double[] normed = norm(x[t], weight(p + "post_attention_layernorm.weight"));
            double[] gate = times(weight(p + "mlp.gate_proj.weight"), null, normed);
            double[] up = times(weight(p + "mlp.up_proj.weight"), null, normed);
            for (int i = 0; i < gate.length; i++) {
                gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
            }
            add(x[t], times(weight(p + "mlp.down_proj.weight"), null, gate));
        }
    }

    /// Queries or keys, each head normed where the model has weights for that.
    private double[] heads(String name, double[] x) {
        double[] all = project(name + "_proj", x);
        float[] norm = m.weights().get(name + "_norm.weight");
        for (int from = 0; norm != null && from < all.length; from += norm.length) {
            double[] head = norm(java.util.Arrays.copyOfRange(all, from, from + norm.length), norm);
            System.arraycopy(head, 0, all, from, norm.length);
        }
        return all;
    }

    private void attend(int layer, double[] q, double[][] k, double[][] v, int t, int h, double[] out) {
        int d = m.headWidth();
        int g = h / (m.heads() / m.groups());
        var p = new double[t + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int s = 0; s <= t; s++) {
            for (int i = 0; i < d; i++) {
                p[s] += q[h * d + i] * k[s][g * d + i] / Math.sqrt(d);
            }
            p[s] = sight.sees(layer, h, t, s) ? p[s] : Double.NEGATIVE_INFINITY;
            largest = Math.max(largest, p[s]);
        }
        double sum = 0;
        for (int s = 0; s <= t; s++) {
            p[s] = Math.exp(p[s] - largest);
            sum += p[s];
        }
        for (int s = 0; s <= t; s++) {
            for (int i = 0; i < d; i++) {
                out[h * d + i] += p[s] / sum * v[s][g * d + i];
            }
        }
    }

    private double[] rotate(double[] x, int position, int tokens) {
        int d = m.headWidth();
        double[] frequencies = m.rope().frequencies(d, tokens);
        double length = m.rope().length();
        var y = new double[x.length];
        for (int head = 0; head < x.length / d; head++) {
            for (int i = 0; i < d / 2; i++) {
                double angle = position * frequencies[i];
                double a = x[head * d + i] * length;
                double b = x[head * d + i + d / 2] * length;
                y[head * d + i] = a * Math.cos(angle) - b * Math.sin(angle);
                y[head * d + i + d / 2] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        return y;
    }

    private double[] project(String name, double[] x) {
        return times(weight(name + ".weight"), m.weights().get(name + ".bias"), x);
    }

    private static double[] times(float[] w, float[] bias, double[] x) {
        var y = new double[w.length / x.length];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias == null ? 0 : bias[o];
            for (int i = 0; i < x.length; i++) {
                y[o] += w[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    private static double[] norm(double[] x, float[] w) {
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        double scale = 1 / Math.sqrt(square / x.length + EPSILON);
        var y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] * scale * w[i];
        }
        return y;
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }

    private float[] weight(String name) {
        return m.weights().get(name);
    }

    private static double[] row(float[] w, int row, int width) {
        var y = new double[width];
        for (int i = 0; i < width; i++) {
            y[i] = w[row * width + i];
        }
        return y;
    }
}
