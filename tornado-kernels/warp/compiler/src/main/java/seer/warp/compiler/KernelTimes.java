package seer.warp.compiler;

import java.util.LinkedHashMap;
import java.util.Map;

/// How long kernels take on the device, when somebody asks: marks in the stream around each start.
final class KernelTimes {
    private final CudaDriver driver;
    private final Map<String, Double> milliseconds = new LinkedHashMap<>();
    private CudaDriver.Events events;
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
        if (events == null) {
            events = driver.events();
        }
        events.begin(stream);
        launch.run();
        events.end(stream);
        milliseconds.merge(kernel, events.milliseconds(), Double::sum);
    }
}
