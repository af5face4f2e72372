package seer.model.backend.tornado.sdk;

import java.util.Locale;
import seer.model.backend.BackendInfo;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.DeviceInfo;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// TornadoVM as it was found: which device, and whether the project's simulator stands in its place.
///
/// @param warps whether kernels may use tensor cores; found with the device, as nobody waits at the end of each graph
///              where they may, whatever the precision
public record Installation(TornadoDevice device, boolean simulated, WarpSupport warps) {
    /// The backend's name, as errors and results say it.
    public static final String NAME = "tornado";

    private static final String BAILOUT = "tornado.recover.bailout";
    private static final String SIMULATOR = "simulator";

    /// What TornadoVM says, without a terminal's colours.
    public static String plain(String said) {
        return said.replaceAll("\u001B\\[[0-9;]*m", "");
    }

    /// Starts TornadoVM, or the simulator where there is only that.
    public static Installation open() {
        boolean simulated = TornadoDevices.simulated() && !TornadoDevices.present();
        if (!simulated) {
            TornadoDevices.obstacle().ifPresent(reason -> {
                throw new BackendUnavailableException(NAME, reason, "see docs/tornadovm.md");
            });
            requireNoBailout();
        }
        var device = TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice();
        return new Installation(device, simulated, WarpSupport.of(simulated));
    }

    /// With bailout a kernel that cannot be compiled runs as plain Java, in silence: never here.
    private static void requireNoBailout() {
        String bailout = System.getProperty(BAILOUT, "True");
        if (!bailout.equalsIgnoreCase("false")) {
            throw new BackendUnavailableException(NAME,
                    "TornadoVM would run kernels that it cannot compile as plain Java, in silence",
                    "start with -D" + BAILOUT + "=False");
        }
    }

    /// What kernels are chosen by.
    public DeviceInfo describe() {
        return TornadoDevices.describe("0:0", device, true);
    }

    /// What results name.
    ///
    /// @param arithmetic precision and rung
    public BackendInfo info(String arithmetic) {
        if (simulated) {
            return new BackendInfo(SIMULATOR, SIMULATOR, "kernels run as plain Java, checked; no times; "
                    + arithmetic, 1);
        }
        DeviceInfo first = TornadoDevices.list().getFirst();
        return new BackendInfo(NAME, first.name() + " (" + first.platform() + ")",
                String.format(Locale.ROOT, "TornadoVM %s, %s, %s%s", TornadoDevices.version(),
                        device.getTornadoVMBackend(), arithmetic,
                        warps.obstacle() == null ? "" : ", each graph waited for"), 1);
    }
}
