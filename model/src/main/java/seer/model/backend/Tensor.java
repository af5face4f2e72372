package seer.model.backend;

/// A row-major array of 32-bit floats that lives where its backend computes.
///
/// Only the backend that made a tensor may use it. Sizes are those allocated; operations say themselves how
/// many rows they fill.
public interface Tensor {
    /// Extents, outermost first; the live array, not to be changed.
    int[] shape();

    /// Extent of axis `axis`.
    default int extent(int axis) {
        return shape()[axis];
    }

    /// A copy of all elements on the host.
    float[] download();
}
