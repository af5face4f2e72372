package seer.model.backend.tornado;

import seer.model.backend.BackendUnavailableException;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.WarpSupport;

/// Which tensor cores kernels are made for.
///
/// @param capability compute capability, times ten
record TensorCores(int capability) {
    /// Where warp groups multiply together (Hopper), else warps by `mma.sync` (Ampere on).
    private static final int HOPPER = 90;
    private static final int AMPERE = 80;
    /// Takes `mma.sync` on a device that has more.
    private static final String RUNG = "seer.tornado.rung";

    /// Those of the device.
    ///
    /// @throws BackendUnavailableException if kernels cannot use any, saying why
    static TensorCores require(Installation installation) {
        WarpSupport support = installation.warps();
        if (support.obstacle() != null) {
            throw new BackendUnavailableException(Installation.NAME, "bf16 needs tensor cores: " + support.obstacle(),
                    "take --precision f32");
        }
        return new TensorCores("mma".equals(System.getProperty(RUNG)) ? AMPERE : support.capability());
    }

    /// The rung's name, as results say it.
    String rung() {
        return capability == HOPPER ? "wgmma" : "mma.sync";
    }
}
