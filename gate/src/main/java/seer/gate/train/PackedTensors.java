package seer.gate.train;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Tensors of several gates on their way between processes, as bytes: serialization takes floats one by one, which for
/// gates of 1.5 MB takes a process some tens of milliseconds until its compiler comes, and bytes as they are.
///
/// @param lengths floats, `[gates][tensors]`
/// @param bytes   of all floats, in that order, the lowest first
public record PackedTensors(int[][] lengths, byte[] bytes) implements Serializable {

    static PackedTensors of(List<List<float[]>> tensors) {
        int[][] lengths = lengths(tensors);
        int count = Arrays.stream(lengths).flatMapToInt(Arrays::stream).reduce(0, Math::addExact);
        var packed = new PackedTensors(lengths, new byte[Math.multiplyExact(count, Float.BYTES)]);
        var floats = packed.floats();
        tensors.forEach(gate -> gate.forEach(floats::put));
        return packed;
    }

    /// The weights of gates, as they are now.
    public static PackedTensors ofWeights(List<GateParameters> gates) {
        return of(gates.stream().map(GateParameters::values).toList());
    }

    /// Puts them in the place of the weights of gates.
    ///
    /// @throws IllegalArgumentException if those have other shapes
    public void copyTo(List<GateParameters> gates) {
        var targets = gates.stream().map(GateParameters::values).toList();
        if (!Arrays.deepEquals(lengths, lengths(targets))) {
            throw new IllegalArgumentException("weights of " + Arrays.deepToString(lengths) + " numbers came, wanted "
                    + Arrays.deepToString(lengths(targets)));
        }
        var floats = floats();
        targets.forEach(gate -> gate.forEach(floats::get));
    }

    List<List<float[]>> unpacked() {
        var floats = floats();
        var tensors = new ArrayList<List<float[]>>();
        for (int[] gate : lengths) {
            var own = new ArrayList<float[]>();
            for (int length : gate) {
                var tensor = new float[length];
                floats.get(tensor);
                own.add(tensor);
            }
            tensors.add(own);
        }
        return tensors;
    }

    private FloatBuffer floats() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private static int[][] lengths(List<List<float[]>> tensors) {
        return tensors.stream().map(gate -> gate.stream().mapToInt(tensor -> tensor.length).toArray())
                .toArray(int[][]::new);
    }
}
