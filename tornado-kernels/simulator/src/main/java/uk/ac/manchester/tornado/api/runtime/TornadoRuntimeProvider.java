package uk.ac.manchester.tornado.api.runtime;

import seer.sim.SimulatedRuntime;
import uk.ac.manchester.tornado.api.TornadoRuntime;

/// Where a program finds the runtime: here always the simulator.
public class TornadoRuntimeProvider {

    public static TornadoRuntime getTornadoRuntime() {
        return SimulatedRuntime.INSTANCE;
    }
}
