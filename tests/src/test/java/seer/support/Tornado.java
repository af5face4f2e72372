package seer.support;

import seer.model.Backends;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;

/// The tornado backend on whatever provides TornadoVM's API: a device, or else the simulator.
public final class Tornado {
    private Tornado() { }

    /// Whether kernels run on a device.
    public static boolean onDevice() {
        return Backends.tornadoObstacle().isEmpty();
    }

    /// Whether kernels with operations of a warp run there: on the simulator always.
    public static boolean onTensorCores() {
        return !onDevice() || Backends.tensorCoreObstacle().isEmpty();
    }

    public static Backend open() {
        return open(ElementType.F32);
    }

    public static Backend open(ElementType precision) {
        return onDevice() ? Backends.tornado(precision) : Backends.simulator(precision);
    }
}
