package seer.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// One kernel over its whole grid, once under each schedule.
///
/// With full checks one thread runs all groups and every device buffer has a [Watch]; otherwise the
/// threads take groups from a counter.
final class Launch {

    private final String name;
    private final KernelCode code;
    private final Object[] arguments;
    private final Watch[] watches;
    private final Grid grid;
    private final Settings settings;
    private final Clock clock;
    private volatile boolean atomics;

    /// Counts phases, over all launches on the device: memory keeps the marks of earlier plans.
    static final class Clock {
        private int now;
    }

    /// `arguments` are numbers, device buffers and the placeholder of the context; `watches` has one
    /// entry for each, null where there is no buffer.
    Launch(String name, KernelCode code, Object[] arguments, Watch[] watches, Grid grid,
            Settings settings, Clock clock) {
        this.name = name + " (" + code.method() + ")";
        this.code = code;
        this.arguments = arguments;
        this.watches = watches;
        this.grid = grid;
        this.settings = settings;
        this.clock = clock;
    }

    void run() {
        List<Schedule> schedules = settings.schedules();
        if (schedules.size() == 1) {
            run(schedules.getFirst());
            return;
        }
        Snapshot before = new Snapshot(arguments);
        run(schedules.getFirst());
        Snapshot first = new Snapshot(arguments);
        for (Schedule other : schedules.subList(1, schedules.size())) {
            before.restore();
            run(other);
            if (!atomics) {
                first.requireEqual(this, schedules.getFirst(), other);
            }
        }
    }

    private void run(Schedule schedule) {
        int[] order = new int[clusters()]; // of clusters
        schedule.fill(order, -1);
        AtomicInteger next = new AtomicInteger();
        List<Throwable> failures = new ArrayList<>();
        List<SimulatorThread> threads = new ArrayList<>();
        int launchStart = clock.now + 1;
        int count = watched() ? 1 : Math.min(settings.threads(), order.length);
        for (int i = 0; i < count; i++) {
            threads.add(new SimulatorThread(() -> runGroups(schedule, order, next, failures,
                    launchStart)));
        }
        threads.forEach(Thread::start);
        threads.forEach(Launch::join);
        if (!failures.isEmpty()) {
            throw failures.getFirst() instanceof RuntimeException e ? e
                    : new IllegalStateException(failures.getFirst());
        }
    }

    private void runGroups(Schedule schedule, int[] order, AtomicInteger next,
            List<Throwable> failures, int launchStart) {
        try {
            Cluster cluster = new Cluster(this, code.together());
            for (int i = next.getAndIncrement(); i < order.length; i = next.getAndIncrement()) {
                cluster.run(order[i] * code.together(), launchStart, schedule);
            }
        } catch (Throwable e) {
            next.set(order.length);
            synchronized (failures) {
                failures.add(e);
            }
        } finally {
            attach(null);
        }
    }

    private int clusters() {
        if (groups(0) % code.together() != 0) {
            throw new KernelFault(Fault.GRID_NOT_DIVISIBLE, Place.ofBuffer(name, null), groups(0)
                    + " groups along x are no multiple of the " + code.together() + " of a cluster");
        }
        return grid.groupCount() / code.together();
    }

    /// The group's items are those that act on the buffers from now on; null: none is.
    void attach(WorkGroup group) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof TornadoNativeArray array) {
                Hooks.watch(array, watched() && group != null ? watches[i] : null);
                if (watched()) {
                    watches[i].attach(group, code.parameterName(i));
                } else {
                    watches[i].define();
                }
            }
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void call(KernelContext context) throws Throwable {
        Object[] values = arguments.clone();
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof KernelContext) {
                values[i] = context;
            }
        }
        code.call(values);
    }

    /// Makes of what a kernel threw a fault with names.
    RuntimeException explain(Throwable e, WorkGroup group) {
        return switch (e) {
            case KernelFault fault -> fault;
            case BufferRange range -> new KernelFault(Fault.OUT_OF_RANGE,
                    group.place(group.item, bufferName(range.array()), range.index()),
                    range.getMessage(), e);
            case ArrayIndexOutOfBoundsException range -> new KernelFault(Fault.OUT_OF_RANGE,
                    group.place(group.item, "a local or private array", -1),
                    range.getMessage(), e);
            default -> new KernelFault(Fault.KERNEL_FAILED,
                    group.place(group.item, null, -1), e.toString(), e);
        };
    }

    String bufferName(Object array) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] == array) {
                return code.parameterName(i);
            }
        }
        return "a buffer that is no argument";
    }

    KernelFault scheduleFault(String buffer, long index, Schedule one, Schedule other) {
        return new KernelFault(Fault.SCHEDULE_DEPENDENT, new Place(name, -1, -1, buffer, index),
                "the values under " + one + " and " + other + " differ: a barrier is missing");
    }

    /// The next stamp. Without watches nobody compares stamps.
    int tick() {
        return watched() ? ++clock.now : 1;
    }

    void usesAtomics() {
        atomics = true;
    }

    boolean watched() {
        return settings.checks() == Checks.FULL;
    }

    String name() {
        return name;
    }

    /// True if the order of local memory does not come from the group's barriers alone.
    boolean ordersByOperations() {
        return watched() && WarpOperations.order(code.operations());
    }

    /// Local memory of a group: more for those that only run where there is more.
    int localBytes() {
        return code.operations().isEmpty() ? settings.localBytes() : settings.warpLocalBytes();
    }

    KernelCode code() {
        return code;
    }

    int groupSize() {
        return grid.local()[0] * grid.local()[1] * grid.local()[2];
    }

    int local(int dimension) {
        return grid.local()[dimension];
    }

    int groups(int dimension) {
        return grid.groups()[dimension];
    }

    int global(int dimension) {
        return grid.local()[dimension] * grid.groups()[dimension];
    }
}
