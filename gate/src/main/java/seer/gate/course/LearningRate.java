package seer.gate.course;

/// The share of the highest learning rate: rises linearly over `warmUp` steps, then falls along a cosine to 0.
public record LearningRate(int warmUp, int steps) {

    /// For step `step` of `0 .. steps`.
    public double at(int step) {
        if (step < warmUp) {
            return (step + 1.0) / warmUp;
        }
        return 0.5 * (1 + Math.cos(Math.PI * (step - warmUp) / Math.max(1, steps - warmUp)));
    }
}
