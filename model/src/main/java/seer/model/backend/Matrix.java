package seer.model.backend;

/// A weight matrix in the layout that its backend multiplies fastest: `y[n] = sum over k of x[k] * w[n, k]`.
public interface Matrix {
    /// The arena that it lives in.
    Arena arena();

    /// Length of the result.
    int outputs();

    /// Length of the vectors it is applied to.
    int inputs();

    /// How its elements are stored.
    ElementType type();
}
