package seer.model.backend.tornado;

/// Which tensor cores kernels are made for.
///
/// @param wgmma whether warp groups multiply together (Hopper), else warps by `mma.sync` (Ampere on)
record TensorCores(boolean wgmma) {
    /// The rung's name, as results say it.
    String rung() {
        return wgmma ? "wgmma" : "mma";
    }
}
