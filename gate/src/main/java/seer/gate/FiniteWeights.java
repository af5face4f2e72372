package seer.gate;

import java.util.List;
import seer.model.load.MalformedModelException;
import seer.model.load.WeightTensor;

/// Weights of a gate, read with a check that no bit pattern of theirs stands for NaN or infinity: a gate that held one
/// would keep the diagonal alone, in silence.
public final class FiniteWeights {
    private FiniteWeights() { }

    /// All elements.
    ///
    /// @throws MalformedModelException naming the file, the tensor and the element
    public static float[] of(WeightTensor tensor) {
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new MalformedModelException(tensor.file(), "tensor " + tensor.name()
                        + ": wanted finite numbers, got " + values[i] + " at " + place(i, tensor.shape()));
            }
        }
        return values;
    }

    private static List<Integer> place(int index, List<Integer> shape) {
        var place = new Integer[shape.size()];
        int rest = index;
        for (int axis = place.length - 1; axis >= 0; axis--) {
            place[axis] = rest % shape.get(axis);
            rest /= shape.get(axis);
        }
        return List.of(place);
    }
}
