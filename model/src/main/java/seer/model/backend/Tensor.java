package seer.model.backend;

/// A row-major array that lives where its backend computes, until its arena closes.
///
/// Only the backend that made a tensor may use it. Sizes are those allocated; operations say themselves how
/// many rows they fill.
public interface Tensor {
    /// The arena that it lives in.
    Arena arena();

    /// Extents, outermost first; the live array, not to be changed.
    int[] shape();

    /// How its elements are stored.
    default ElementType type() {
        return ElementType.F32;
    }

    /// Extent of axis `axis`.
    default int extent(int axis) {
        return shape()[axis];
    }

    /// A copy of all elements on the host.
    ///
    /// @throws IllegalStateException if its arena is closed
    float[] download();
}
