package seer.support;

/// For tests that try another kernel where there are the operations of a warp.
public final class WarpOperations {
    private WarpOperations() { }

    /// Whether kernels can use them here.
    public static boolean here() {
        return !new KernelDevice.TensorCores().evaluateExecutionCondition(null).isDisabled();
    }
}
