package seer.model;

import seer.model.backend.Backend;
import seer.model.backend.cpu.CpuBackend;

/// Opens backends by name: the one place that knows them all.
public final class Backends {
    private Backends() { }

    /// The Vector API on every core: works wherever a JDK 25 does.
    public static Backend cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    /// The Vector API on `threads` threads.
    public static Backend cpu(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 1");
        }
        return new CpuBackend(threads);
    }
}
