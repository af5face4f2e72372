package seer.gate.course;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import seer.model.backend.NotFiniteException;
import seer.model.backend.WeightChange;

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with clipping of the gradient's norm over all that is learned
/// together.
///
/// @param clip  largest norm; a longer gradient is shortened to it. Clipping sees the loss's scale, Adam does not
/// @param decay weight decay, times the learning rate
public record AdamW(double clip, double decay) {

    /// Changes the weights once.
    ///
    /// @param gradients one for each parameter
    /// @param step      steps made before this one
    /// @return the gradient's norm before clipping
    /// @throws NotFiniteException if the gradient is not finite, and nothing was changed, or if a weight or a running
    ///                            mean no longer is
    public double step(List<Parameter> parameters, List<float[]> gradients, double rate, long step) {
        double norm = norm(squares(gradients));
        change(parameters, gradients, change(norm, rate, step));
        return norm;
    }

    /// The norm of a gradient, of the sum of its squares.
    ///
    /// @throws NotFiniteException if it is not finite
    public static double norm(double squares) {
        double norm = Math.sqrt(squares);
        if (!Double.isFinite(norm)) {
            throw new NotFiniteException("the norm of its gradient is " + norm + ", wanted a finite number");
        }
        return norm;
    }

    /// What a step does to each weight.
    ///
    /// @param norm of the whole gradient
    public WeightChange change(double norm, double rate, long step) {
        return WeightChange.of((float) Math.min(1, clip / (norm + 1e-6)), rate, decay, step);
    }

    /// Changes weights on the host.
    ///
    /// @throws NotFiniteException if a weight or a running mean is no longer finite
    public static void change(List<Parameter> parameters, List<float[]> gradients, WeightChange change) {
        IntStream.range(0, parameters.size()).parallel()
                .filter(i -> !change.apply(parameters.get(i).value(), parameters.get(i).mean(),
                        parameters.get(i).square(), gradients.get(i), 0, gradients.get(i).length))
                .mapToObj(i -> parameters.get(i).name()).findFirst().ifPresent(AdamW::refuse);
    }

    private static void refuse(String tensor) {
        throw new NotFiniteException("weights of tensor " + tensor + ", or what AdamW keeps beside them, are no longer "
                + "finite");
    }

    /// Requires a tensor and what is kept beside it to be finite.
    ///
    /// @throws NotFiniteException if they are not
    public static void requireFinite(Parameter parameter) {
        float taint = 0; // a finite number times 0 is 0
        for (int i = 0; i < parameter.value().length; i++) {
            taint += (parameter.value()[i] + parameter.mean()[i] + parameter.square()[i]) * 0;
        }
        if (taint != 0) {
            refuse(parameter.name());
        }
    }

    /// The sum of squares, in the order of the tensors.
    public static double squares(List<float[]> gradients) {
        double[] squares = gradients.parallelStream().mapToDouble(AdamW::squares).toArray();
        return Arrays.stream(squares).reduce(0, Double::sum);
    }

    private static double squares(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += (double) value * value;
        }
        return sum;
    }
}
