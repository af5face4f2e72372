package seer.model.backend;

/// Rotary position embedding in half-split pairing: elements `i` and `i + width / 2` turn together by
/// `position * inverseFrequency[i]`; both cosine and sine are multiplied by `scale` (1 without YaRN).
///
/// @param inverseFrequency `[width / 2]`, radians per position
public record Rotary(double[] inverseFrequency, double scale) {
    /// Plain frequencies `theta^(-2i / width)`.
    public static Rotary plain(int width, double theta) {
        if (width <= 0 || width % 2 != 0) {
            throw new IllegalArgumentException("rotary width is " + width + ", wanted an even number above 0");
        }
        var frequency = new double[width / 2];
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = Math.pow(theta, -2.0 * i / width);
        }
        return new Rotary(frequency, 1.0);
    }

    /// The transposed map, which gradients go back through: turned the other way, scaled alike.
    public Rotary transposed() {
        var other = new double[inverseFrequency.length];
        for (int i = 0; i < other.length; i++) {
            other[i] = -inverseFrequency[i];
        }
        return new Rotary(other, scale);
    }

    /// Width of the vectors that are turned.
    public int width() {
        return 2 * inverseFrequency.length;
    }
}
