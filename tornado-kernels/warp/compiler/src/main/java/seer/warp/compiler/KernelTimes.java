package seer.warp.compiler;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// How long kernels take on the device, when somebody asks: marks in the stream around each start.
final class KernelTimes {
    private final CudaDriver driver;
    private final Map<String, Double> milliseconds = new LinkedHashMap<>();
    private MemorySegment begin;
    private MemorySegment end;
    private boolean on;

    KernelTimes(CudaDriver driver) {
        this.driver = driver;
    }

    /// Begins or ends measuring; a measured kernel is waited for.
    void measure(boolean wanted) {
        on = wanted;
    }

    /// Milliseconds by kernel since the last call.
    Map<String, Double> take() {
        var taken = new LinkedHashMap<>(milliseconds);
        milliseconds.clear();
        return taken;
    }

    void around(String kernel, CudaDriver.Stream stream, Runnable launch) {
        if (!on) {
            launch.run();
            return;
        }
        if (begin == null) {
            begin = driver.event();
            end = driver.event();
        }
        driver.record(begin, stream);
        launch.run();
        driver.record(end, stream);
        milliseconds.merge(kernel, driver.milliseconds(begin, end), Double::sum);
    }
}
