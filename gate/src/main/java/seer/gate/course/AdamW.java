package seer.gate.course;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import seer.model.backend.NotFiniteException;

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with clipping of the gradient's norm over all that is learned
/// together.
///
/// @param clip  largest norm; a longer gradient is shortened to it. Clipping sees the loss's scale, Adam does not
/// @param decay weight decay, times the learning rate
public record AdamW(double clip, double decay) {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final float EPSILON = 1e-8f;

    /// Changes the weights once.
    ///
    /// @param gradients one for each parameter
    /// @param step      steps made before this one
    /// @return the gradient's norm before clipping
    /// @throws NotFiniteException if the gradient is not finite, and nothing was changed, or if a weight or a running
    ///                            mean no longer is
    public double step(List<Parameter> parameters, List<float[]> gradients, double rate, long step) {
        return step(parameters, gradients, each -> rate, step);
    }

    /// The same with a rate of its own for each parameter, by its number.
    public double step(List<Parameter> parameters, List<float[]> gradients, IntToDoubleFunction rates,
                       long step) {
        double[] squares = gradients.parallelStream().mapToDouble(AdamW::squares).toArray();
        double norm = Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum)); // in the order of the tensors
        if (!Double.isFinite(norm)) {
            throw new NotFiniteException("the norm of its gradient is " + norm + ", wanted a finite number");
        }
        float shorten = (float) Math.min(1, clip / (norm + 1e-6));
        double bias = 1 - Math.pow(BETA1, step + 1);
        float root = (float) (1 / Math.sqrt(1 - Math.pow(BETA2, step + 1)));
        String broken = IntStream.range(0, parameters.size()).parallel()
                .filter(i -> !update(parameters.get(i), gradients.get(i), shorten,
                        rates.applyAsDouble(i), bias, root))
                .mapToObj(i -> parameters.get(i).name()).findFirst().orElse(null);
        if (broken != null) {
            throw new NotFiniteException("weights of tensor " + broken + ", or what AdamW keeps beside them, are no "
                    + "longer finite");
        }
        return norm;
    }

    /// @return whether all that was written is finite
    private boolean update(Parameter p, float[] gradient, float shorten, double rate, double bias,
                                  float root) {
        float keep = (float) (1 - rate * decay);
        float size = (float) (rate / bias);
        float[] x = p.value();
        float[] mean = p.mean();
        float[] square = p.square();
        float taint = 0; // a finite number times 0 is 0
        for (int i = 0; i < x.length; i++) {
            float g = gradient[i] * shorten;
            float m = (float) BETA1 * mean[i] + (float) (1 - BETA1) * g;
            float v = (float) BETA2 * square[i] + (float) (1 - BETA2) * g * g;
            mean[i] = m;
            square[i] = v;
            x[i] = x[i] * keep - size * m / ((float) Math.sqrt(v) * root + EPSILON);
            taint += (x[i] + m + v) * 0;
        }
        return taint == 0;
    }

    private static double squares(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += (double) value * value;
        }
        return sum;
    }
}
