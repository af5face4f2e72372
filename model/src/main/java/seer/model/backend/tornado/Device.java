package seer.model.backend.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import seer.kernels.Move;
import seer.model.backend.BackendUnavailableException;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The execution plan: three buffers that stay on the device, and the graphs that have run over them.
///
/// ```text
///   hub  --weights, tensors, integers-->  graph  -->  graph  -->  ...     each takes them from the one before
/// ```
/// A graph that is needed for the first time joins the plan: a new plan is made of all graphs so far and this one.
/// What was compiled, and what lies on the device, belongs to the graphs and stays. The simulator keeps memory by
/// plan; there the buffers come to the host before, and the hub brings them back.
final class Device {
    static final String NAME = "tornado";
    /// Names of graphs are never used twice: compiled kernels may be kept under them.
    private static final AtomicInteger GRAPHS = new AtomicInteger();
    /// Least room to spare in a buffer, elements: 16 MiB, and less where every element is watched.
    private static final int SPARE = 1 << 22;
    private static final int SIMULATED_SPARE = 1 << 18;
    /// A plan remembers the result of each of its runs: after so many it is replaced.
    private static final int RUNS = 100_000;

    private final boolean simulated;
    private final long localBytes;
    private final Budget budget;
    private final Blank blank;
    private final Heap<FloatArray> weights;
    private final Heap<FloatArray> tensors;
    private final Heap<IntArray> integers;
    private final Map<String, Operation> operations = new HashMap<>();
    private final Map<String, Integer> places = new HashMap<>(); // of the operations' graphs in the plan
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private GridScheduler grids;
    private TornadoExecutionPlan plan;
    private TornadoExecutionResult last;
    private int runs; // of this plan
    private boolean closed;
    private final Scratch scratch = new Scratch();
    private final Staging staging = new Staging(this);

    Device(TornadoDevice device, boolean simulated) {
        this.simulated = simulated;
        localBytes = device.getDeviceLocalMemorySize();
        budget = new Budget(simulated ? Long.MAX_VALUE : device.getMaxGlobalMemory());
        blank = new Blank(this, simulated);
        weights = new Heap<>("weight buffer", size -> blank.buffer(new FloatArray(size)), budget, this::rebuild);
        tensors = new Heap<>("tensor buffer", size -> blank.buffer(new FloatArray(size)), budget, this::rebuild);
        integers = new Heap<>("integer buffer", size -> blank.buffer(new IntArray(size)), budget, this::rebuild);
        budget.watch(() -> 4L * ((long) weights.end() + tensors.end() + integers.end()));
    }

    Heap<FloatArray> weights() {
        return weights;
    }

    Heap<FloatArray> tensors() {
        return tensors;
    }

    Heap<IntArray> integers() {
        return integers;
    }

    Blank blank() {
        return blank;
    }

    Scratch scratch() {
        return scratch;
    }

    /// The operation of this name, made when it is first asked for. Its graph is built when it first runs.
    Operation operation(String name, Supplier<Operation> maker) {
        start();
        return operations.computeIfAbsent(name, key -> maker.get());
    }

    private void start() {
        if (closed) {
            throw new IllegalStateException("the tornado backend is closed");
        }
        if (plan == null) {
            rebuild();
        }
    }

    /// Runs an operation and waits for it.
    void run(Operation operation) {
        Integer place = places.get(operation.name());
        if (place == null) {
            requireLocal(operation);
            place = graphs.size();
            String unique = "seer" + GRAPHS.incrementAndGet();
            graphs.add(operation.graph(unique, grids, weights.array(), tensors.array(), integers.array()));
            places.put(operation.name(), place);
            if (simulated) {
                fetchAll();
            }
            plan();
        }
        if (!simulated && ++runs > RUNS) {
            plan();
        }
        execute(place);
    }

    /// Whether a group may take so many bytes of local memory.
    boolean hasLocal(int bytes) {
        return bytes <= localBytes;
    }

    private void requireLocal(Operation operation) {
        if (!hasLocal(operation.localBytes())) {
            throw new BackendUnavailableException(NAME, String.format(Locale.ROOT,
                    "a kernel of '%s' takes %,d bytes of local memory, the device has %,d for a group",
                    operation.name(), operation.localBytes(), localBytes), "run on --backend cpu");
        }
    }

    private void execute(int place) {
        try {
            plan.withGraph(place);
            last = plan.execute();
        } catch (TornadoOutOfMemoryException e) {
            throw new BackendUnavailableException(NAME, "the device has not enough memory: " + line(e),
                    "raise -Dtornado.device.memory, shorten the text, or read it in smaller chunks (--chunk)", e);
        } catch (TornadoBailoutRuntimeException | TornadoRuntimeException e) {
            throw unable(e);
        } catch (Error e) {
            // TornadoVM's compiler gives up with errors of its own and of the Graal compiler.
            if (e.getClass().getName().matches("(uk\\.ac\\.manchester\\.tornado|jdk\\.graal)\\..*")) {
                throw unable(e);
            }
            throw e;
        }
    }

    private static BackendUnavailableException unable(Throwable e) {
        return new BackendUnavailableException(NAME, "a kernel cannot be compiled or started: " + line(e),
                "see what TornadoVM printed above, or run on --backend cpu", e);
    }

    private static String line(Throwable e) {
        return String.valueOf(e.getMessage()).strip().lines().filter(line -> !line.isBlank()).limit(3)
                .map(String::strip).reduce((a, b) -> a + " " + b).orElse("no reason given");
    }

    /// Makes all buffers anew, with their contents, and forgets all graphs.
    private void rebuild() {
        if (plan != null) {
            fetchAll();
            release();
        }
        graphs.clear();
        places.clear();
        grids = new GridScheduler();
        scratch.reserve(tensors);
        int least = simulated ? SIMULATED_SPARE : SPARE;
        long most = budget.left() / (4L * Float.BYTES); // a quarter of what is left, in elements
        weights.make(0);
        tensors.make(Math.min(most, Math.max(least, tensors.end() / 8)));
        integers.make(Math.min(most, Math.max(simulated ? least : 4L * least, integers.end())));
        budget.require();
        var hub = new Operation("hub")
                .step((graph, id, step) -> graph.task(id, Move::clear, new KernelContext(), weights.array(), step.p()))
                .step((graph, id, step) -> graph.task(id, Move::clear, new KernelContext(), tensors.array(), step.p()))
                .step((graph, id, step) -> graph.task(id, Move::clearInts, new KernelContext(), integers.array(),
                        step.p()));
        graphs.add(hub.hub("seer" + GRAPHS.incrementAndGet(), grids, weights.array(), tensors.array(),
                integers.array()));
        plan();
    }

    /// A plan of all graphs; the hub runs, so that the next graph finds the buffers.
    private void plan() {
        runs = 0;
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withGridScheduler(grids);
        execute(0);
    }

    private void fetchAll() {
        fetch(weights.array(), 0, weights.array().getSize());
        fetch(tensors.array(), 0, tensors.array().getSize());
        fetch(integers.array(), 0, integers.array().getSize());
    }

    private void fetch(TornadoNativeArray array, int first, int count) {
        if (count > 0) {
            last.transferToHost(new DataRange(array).withOffset(first).withSize(count));
        }
    }

    /// Elements of the tensor buffer.
    float[] read(int first, int count) {
        start();
        fetch(tensors.array(), first, count);
        var values = new float[count];
        MemorySegment.copy(tensors.array().getSegment(), ValueLayout.JAVA_FLOAT, 4L * first, values, 0, count);
        return values;
    }

    /// Elements of the integer buffer.
    int[] readIntegers(int first, int count) {
        start();
        fetch(integers.array(), first, count);
        var values = new int[count];
        MemorySegment.copy(integers.array().getSegment(), ValueLayout.JAVA_INT, 4L * first, values, 0, count);
        return values;
    }

    /// Puts values into the tensor buffer.
    void write(float[] values, int at) {
        if (plan == null) {
            tensors.later(array -> copy(values, array, at));
        } else {
            staging.tensors(values, at);
        }
    }

    /// Puts values into the weight buffer.
    void writeWeights(float[] values, int at) {
        if (plan == null) {
            weights.later(array -> copy(values, array, at));
        } else {
            staging.weights(values, at);
        }
    }

    /// Puts values into the integer buffer.
    void writeIntegers(int[] values, int at) {
        if (plan == null) {
            integers.later(array -> MemorySegment.copy(values, 0, array.getSegment(), ValueLayout.JAVA_INT, 4L * at,
                    values.length));
        } else {
            staging.integers(values, at);
        }
    }

    /// Zeroes elements of the tensor buffer, which is made of zeros but on the simulator.
    void clear(int at, int count) {
        if (plan != null) {
            staging.clear(at, count);
        } else if (simulated) {
            tensors.later(array -> array.getSegment().asSlice(4L * at, 4L * count).fill((byte) 0));
        }
    }

    private static void copy(float[] values, FloatArray array, int at) {
        MemorySegment.copy(values, 0, array.getSegment(), ValueLayout.JAVA_FLOAT, 4L * at, values.length);
    }

    private void release() {
        plan.withAllGraphs();
        plan.freeDeviceMemory();
    }

    void close() {
        closed = true;
        if (plan != null) {
            try {
                plan.withAllGraphs();
                plan.close();
            } catch (TornadoExecutionPlanException e) {
                throw new BackendUnavailableException(NAME, "device memory cannot be given back", "end the program", e);
            } finally {
                plan = null;
            }
        }
    }
}
