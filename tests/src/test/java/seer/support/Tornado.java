package seer.support;

import seer.model.Backends;
import seer.model.backend.Backend;

/// The tornado backend on whatever provides TornadoVM's API: a device, or else the simulator.
public final class Tornado {
    private Tornado() { }

    /// Whether kernels run on a device.
    public static boolean onDevice() {
        return Backends.tornadoObstacle().isEmpty();
    }

    public static Backend open() {
        return onDevice() ? Backends.tornado() : Backends.simulator();
    }
}
