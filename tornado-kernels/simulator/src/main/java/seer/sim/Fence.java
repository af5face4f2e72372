package seer.sim;

/// The memory that a barrier puts in order. All items wait at either kind, but what they did in the
/// other memory has no order afterwards: OpenCL's `barrier(CLK_LOCAL_MEM_FENCE)` and
/// `barrier(CLK_GLOBAL_MEM_FENCE)`. CUDA's `__syncthreads()` orders both, which a kernel for all
/// devices must not count on.
public enum Fence {
    LOCAL, GLOBAL;

    @Override
    public String toString() {
        return this == LOCAL ? "local" : "global";
    }
}
