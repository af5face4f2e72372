package seer.warp;

/// Where these operations exist.
final class Kernels {
    private Kernels() { }

    static IllegalStateException only() {
        return new IllegalStateException("operations of a warp exist inside a kernel only: run it through a TaskGraph, "
                + "on the simulator or on a CUDA device with Seer's compiler extension");
    }
}
