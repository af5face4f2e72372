package seer.model.backend;

/// By the host's clock, for backends that are done when a call returns.
public final class HostLaps implements Laps {
    private final long[] nanos;
    private long last = System.nanoTime();

    /// @param parts kinds of work
    public HostLaps(int parts) {
        nanos = new long[parts];
    }

    @Override
    public void lap(int part) {
        long now = System.nanoTime();
        nanos[part] += now - last;
        last = now;
    }

    @Override
    public long[] nanos() {
        return nanos.clone();
    }
}
