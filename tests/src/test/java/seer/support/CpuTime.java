package seer.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.Supplier;

/// Limits to what work costs a processor: whoever else has one meanwhile changes nothing of it.
public final class CpuTime {
    private CpuTime() { }

    /// The result, if this thread computed no longer than that for it.
    public static <T> T within(Duration limit, Supplier<T> work, String what) {
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        T result = work.get();
        var taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - start);
        assertTrue(taken.compareTo(limit) <= 0, what + " took " + taken + ", wanted " + limit + " at most");
        return result;
    }
}
