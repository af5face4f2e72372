package seer.sim;

import java.util.List;
import java.util.stream.Stream;

/// How launches run.
///
/// - `checks`: how closely kernels are watched;
/// - `schedules`: each launch runs once under each, and its outputs must agree bit by bit, unless
///   atomic additions were among the steps;
/// - `threads`: how many share the groups of a launch under [Checks#RANGES];
/// - `localBytes`: the local memory of a group;
/// - `mutation`: a change made to the kernel on purpose, for tests, or [Mutation#NONE].
public record Settings(
        Checks checks, List<Schedule> schedules, int threads, int localBytes, Mutation mutation) {

    /// Full checks in ascending order; 48 KiB of local memory, as on NVIDIA devices.
    public static final Settings DEFAULT = new Settings(Checks.FULL, List.of(Schedule.ASCENDING),
            Runtime.getRuntime().availableProcessors(), 48 * 1024, Mutation.NONE);

    public Settings {
        if (schedules.isEmpty()) {
            throw new IllegalArgumentException("a launch needs at least one schedule");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", not positive");
        }
        schedules = List.copyOf(schedules);
    }

    public Settings withChecks(Checks other) {
        return new Settings(other, schedules, threads, localBytes, mutation);
    }

    public Settings withSchedules(Schedule... other) {
        return new Settings(checks, List.of(other), threads, localBytes, mutation);
    }

    public Settings withThreads(int other) {
        return new Settings(checks, schedules, other, localBytes, mutation);
    }

    public Settings withLocalBytes(int other) {
        return new Settings(checks, schedules, threads, other, mutation);
    }

    public Settings withMutation(Mutation other) {
        return new Settings(checks, schedules, threads, localBytes, other);
    }

    /// The defaults, changed by the properties `seer.sim.checks` (full, ranges), `seer.sim.schedules`
    /// (a comma-separated list) and `seer.sim.threads`.
    static Settings fromProperties() {
        Checks checks = Checks.valueOf(System.getProperty("seer.sim.checks", "full").toUpperCase());
        List<Schedule> schedules = Stream
                .of(System.getProperty("seer.sim.schedules", "ascending").split(","))
                .map(Schedule::parse).toList();
        return new Settings(checks, schedules, Integer.getInteger("seer.sim.threads",
                DEFAULT.threads), DEFAULT.localBytes, Mutation.NONE);
    }
}
