package seer.gate.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/// What a batch of sequences, or a part of one, says about the weights of several gates.
///
/// @param tensors   `[gates][tensors]`, each as long as its weights, in the order of [GateParameters#all]
/// @param losses    of each gate
/// @param sequences that were read
/// @param tokens    that were read
public record Gradients(List<List<float[]>> tensors, List<Loss> losses, int sequences, long tokens)
        implements Serializable {

    /// Sums over the sequences of one gate.
    ///
    /// @param loss       of a sequence summed over the layers, as upstream counts it
    /// @param divergence of a sequence nats per row, mean over layers, heads and kept rows; 0 for sigmoids
    public record Loss(double loss, double divergence) implements Serializable {
        /// Of no sequence.
        static final Loss NONE = new Loss(0, 0);

        Loss plus(Loss other) {
            return new Loss(loss + other.loss, divergence + other.divergence);
        }
    }

    /// How they travel.
    private record Packed(PackedTensors tensors, List<Loss> losses, int sequences, long tokens)
            implements Serializable {
        Object readResolve() {
            return new Gradients(tensors.unpacked(), losses, sequences, tokens);
        }
    }

    private Object writeReplace() {
        return new Packed(PackedTensors.of(tensors), losses, sequences, tokens);
    }

    /// The gradients of both parts' sequences, whichever process read them.
    ///
    /// @throws IllegalArgumentException if they are of other gates
    public Gradients plus(Gradients other) {
        if (!shape().equals(other.shape())) {
            throw new IllegalArgumentException("gradients of tensors of " + other.shape() + " weights came, wanted "
                    + shape());
        }
        var sums = new ArrayList<List<float[]>>();
        var both = new ArrayList<Loss>();
        for (int g = 0; g < tensors.size(); g++) {
            var sum = new ArrayList<float[]>();
            for (int t = 0; t < tensors.get(g).size(); t++) {
                sum.add(sum(tensors.get(g).get(t), other.tensors.get(g).get(t)));
            }
            sums.add(sum);
            both.add(losses.get(g).plus(other.losses.get(g)));
        }
        return new Gradients(sums, both, sequences + other.sequences, tokens + other.tokens);
    }

    private List<List<Integer>> shape() {
        return tensors.stream().map(gate -> gate.stream().map(tensor -> tensor.length).toList()).toList();
    }

    private static float[] sum(float[] a, float[] b) {
        var sum = new float[a.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }
}
