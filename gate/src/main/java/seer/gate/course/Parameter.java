package seer.gate.course;

/// One tensor that is learned, with what the optimiser keeps beside it; all arrays are as long as `value`.
///
/// @param name   as in the file that it will stand in
/// @param mean   running mean of the gradient
/// @param square running mean of its square
public record Parameter(String name, int[] shape, float[] value, float[] mean, float[] square) {

    /// Weights that are all 0.
    public static Parameter zero(String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size = Math.multiplyExact(size, extent);
        }
        return new Parameter(name, shape, new float[size], new float[size], new float[size]);
    }
}
