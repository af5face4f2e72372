package seer.sim;

import java.util.List;

import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// The one backend with the one device that programs find here, each named [Simulator#NAME].
public final class SimulatedRuntime implements TornadoRuntime, TornadoBackend, TornadoDevice {

    public static final SimulatedRuntime INSTANCE = new SimulatedRuntime();

    private final Budget budget = new Budget();
    private final Launch.Clock clock = new Launch.Clock();

    private SimulatedRuntime() {
    }

    /// Of the device's memory.
    Budget budget() {
        return budget;
    }

    /// Of the device's launches.
    Launch.Clock clock() {
        return clock;
    }

    @Override
    public TornadoBackend getBackend(int index) {
        return this;
    }

    @Override
    public void setDefaultBackend(int index) {
        requireOnly(index);
    }

    @Override
    public void setDefaultDevice(int index) {
        requireOnly(index);
    }

    private static void requireOnly(int index) {
        if (index != 0) {
            throw new IllegalArgumentException("the simulator has one device, 0, wanted " + index);
        }
    }

    @Override
    public TornadoVMBackendType getBackendType(int index) {
        return TornadoVMBackendType.JAVA;
    }

    @Override
    public int getNumBackends() {
        return 1;
    }

    @Override
    public TornadoDevice getDefaultDevice() {
        return this;
    }

    @Override
    public int getNumDevices() {
        return 1;
    }

    @Override
    public TornadoDevice getDevice(int index) {
        return this;
    }

    @Override
    public List<TornadoDevice> getAllDevices() {
        return List.of(this);
    }

    @Override
    public String getName() {
        return Simulator.NAME;
    }

    @Override
    public TornadoVMBackendType getBackendType() {
        return TornadoVMBackendType.JAVA;
    }

    @Override
    public String getDeviceName() {
        return Simulator.NAME;
    }

    @Override
    public String getDescription() {
        return "simulator of a TornadoVM device on the JVM; its times mean nothing";
    }

    @Override
    public String getPlatformName() {
        return Simulator.NAME;
    }

    @Override
    public TornadoDeviceType getDeviceType() {
        return TornadoDeviceType.CUSTOM;
    }

    @Override
    public long getMaxAllocMemory() {
        return Runtime.getRuntime().maxMemory();
    }

    @Override
    public long getMaxGlobalMemory() {
        return Runtime.getRuntime().maxMemory();
    }

    @Override
    public long getDeviceLocalMemorySize() {
        return Simulator.settings().localBytes();
    }

    @Override
    public long[] getDeviceMaxWorkgroupDimensions() {
        return new long[] {Grid.MOST_ITEMS, Grid.MOST_ITEMS, Grid.MOST_ITEMS};
    }

    @Override
    public int getBackendIndex() {
        return 0;
    }

    @Override
    public TornadoVMBackendType getTornadoVMBackend() {
        return TornadoVMBackendType.JAVA;
    }
}
