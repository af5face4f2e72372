package seer.model.backend.tornado.device;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.HostLaps;
import seer.model.backend.Laps;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.WarpSupport;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/// One device: its [Memory], and the [Operation]s that run over it.
///
/// ```text
///   arena --stretches--> bank, bank, ...              each with a graph that holds its memory
///                          ^    ^
///   operation: task graph of slots ---- mapped onto ----  before it runs
/// ```
public final class Device {
    /// Elements of a bank at most: what an index of 32 bits reaches.
    public static final int LARGEST_BANK = Integer.MAX_VALUE - 63;

    /// Waits for every operation, so that what fails on the device fails where it was asked for.
    private static final String WAIT = "seer.tornado.wait";

    private final boolean simulated;
    private final long localBytes;
    /// Names of graphs are never used twice in a process: compiled kernels may be kept under them.
    private final String prefix = "seer" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    private final Plan plan;
    private final Memory memory;
    private final Map<String, Operation> operations = new HashMap<>();
    private final Staging staging = new Staging(this);
    private final TileStaging tiles = new TileStaging(this);
    private final Blank blank = new Blank(this);
    private final Map<String, Double> millis = new TreeMap<>(); // by operation, since somebody asked
    private int names;
    private long compileNanos;
    private boolean watched = Boolean.getBoolean(WAIT); // whether every operation is waited for
    private boolean closed;

    /// @param largestBank elements of a bank at most
    public Device(Installation installation, int largestBank) {
        simulated = installation.simulated();
        var device = installation.device();
        localBytes = device.getDeviceLocalMemorySize();
        var budget = new Budget(simulated ? Long.MAX_VALUE : device.getMaxGlobalMemory());
        long allocation = device.getMaxAllocMemory() / Long.BYTES * 2; // in floats; the header leaves the last ones
        int largest = (int) Math.min(largestBank, allocation - Regions.ALIGN);
        plan = new Plan(this::await);
        memory = new Memory(budget, plan, this::name, simulated, largest, this::leave);
    }

    private String name() {
        return prefix + "g" + names++;
    }

    boolean simulated() {
        return simulated;
    }

    /// Time in the first run of each graph, in which TornadoVM and the driver compile its kernels.
    public long compileNanos() {
        return compileNanos;
    }

    Memory memory() {
        return memory;
    }

    Blank blank() {
        return blank;
    }

    /// The way in and out.
    public Staging staging() {
        return staging;
    }

    /// The same for what lies in tiles.
    public TileStaging tiles() {
        return tiles;
    }

    /// Bytes of the device in banks.
    public long bankBytes() {
        return memory.bytes();
    }

    /// Bytes of the device in all, as TornadoVM counts them.
    public long bytes() {
        return plan.bytes();
    }

    /// The operation of this name, made when it is first asked for. Its graph is built when it first runs.
    public Operation operation(String name, Supplier<Operation> maker) {
        requireOpen();
        return operations.computeIfAbsent(name, key -> maker.get());
    }

    /// Starts an operation; one that fetches something is waited for.
    public void run(Operation operation) {
        requireOpen();
        requireLocal(operation);
        long start = System.nanoTime();
        boolean first = operation.graph() == null;
        Failures.explain(() -> {
            if (first) {
                var grids = operation.build(name());
                plan.add(operation.graph(), grids);
            }
            ImmutableTaskGraph graph = operation.graph();
            for (Step step : operation.steps()) {
                step.bind((slot, bank) -> plan.map(slot, graph, bank));
            }
            plan.run(graph);
            if (first || watched || operation.fetches()) {
                await();
            }
        });
        long nanos = System.nanoTime() - start;
        if (!first && watched) {
            millis.merge(operation.name(), nanos * 1e-6, Double::sum);
        } else if (first && !simulated) {
            compileNanos += nanos;
        }
    }

    /// Waits until everything that was started is done.
    public void await() {
        if (!simulated) {
            WarpSupport.await();
        }
    }

    /// Measures what is started from now on.
    public Laps laps(int parts) {
        return simulated ? new HostLaps(parts) : WarpSupport.laps(parts);
    }

    /// Milliseconds that the host waited for each operation since the last call, first runs left out; from the first
    /// call on every operation is waited for.
    public Map<String, Double> operationMillis() {
        await();
        watched = true;
        var taken = new TreeMap<>(millis);
        millis.clear();
        return taken;
    }

    private void leave(Bank bank, Bank other) {
        await();
        for (Operation operation : operations.values()) {
            for (Step step : operation.steps()) {
                step.leave(bank, other, (slot, there) -> plan.map(slot, operation.graph(), there));
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the tornado backend is closed");
        }
    }

    private void requireLocal(Operation operation) {
        if (operation.localBytes() > localBytes) {
            throw new BackendUnavailableException(Installation.NAME, String.format(Locale.ROOT,
                    "a kernel of '%s' takes %,d bytes of local memory, the device has %,d for a group",
                    operation.name(), operation.localBytes(), localBytes), "run on --backend cpu");
        }
    }

    /// Frees everything on the device.
    public void close() {
        if (closed) {
            return;
        }
        await();
        memory.close();
        closed = true;
        try {
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new BackendUnavailableException(Installation.NAME, "device memory cannot be given back",
                    "end the program", e);
        }
    }
}
