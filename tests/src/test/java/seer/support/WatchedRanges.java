package seer.support;

import java.util.HashMap;
import java.util.Map;

/// The simulator's fast kind while it is open: ranges, barriers and transfers are checked, no races. On a device these
/// properties mean nothing.
public final class WatchedRanges implements AutoCloseable {
    private static final Map<String, String> FAST = Map.of("seer.sim.checks", "ranges",
            "seer.sim.schedules", "ascending");

    private final Map<String, String> before = new HashMap<>();

    public static WatchedRanges opened() {
        var watched = new WatchedRanges();
        watched.open();
        return watched;
    }

    public void open() {
        FAST.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
    }

    @Override
    public void close() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }
}
