package seer.sim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import seer.sim.DeviceMemory.Buffer;
import seer.sim.Graph.Task;
import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What a `TornadoExecutionPlan` does: graphs, executed in order. Device memory belongs to them.
public final class Plan {

    private final List<Graph> graphs;
    private final Map<Task, KernelCode> codes = new HashMap<>();
    private Settings resolvedFor;
    private List<Integer> selected;
    private GridScheduler grids;
    private DeviceMemory last;

    public Plan(List<Graph> graphs) {
        this.graphs = graphs;
        selectAll();
    }

    public void select(int graph) {
        memory(graph); // there is one
        selected = List.of(graph);
    }

    public void selectAll() {
        selected = IntStream.range(0, graphs.size()).boxed().toList();
    }

    /// Every name in the scheduler must be a task: TornadoVM ignores the others in silence.
    public void grids(GridScheduler scheduler) {
        if (scheduler != null) {
            Set<String> names = graphs.stream()
                    .flatMap(g -> g.tasks().stream().map(t -> g.name() + "." + t.id()))
                    .collect(Collectors.toSet());
            for (String key : scheduler.keySet()) {
                if (!names.contains(key)) {
                    throw new KernelFault(Fault.UNKNOWN_TASK, Place.ofBuffer(key, null),
                            "the grid scheduler names a task that the plan lacks; it has " + names);
                }
            }
        }
        grids = scheduler;
    }

    public void resolve() {
        for (int each : selected) {
            graphs.get(each).tasks().forEach(t -> code(graphs.get(each), t, Simulator.settings()));
        }
    }

    public void execute() {
        Settings settings = Simulator.settings();
        for (int each : selected) {
            Graph graph = graphs.get(each);
            DeviceMemory memory = graph.memory();
            graph.requireAllListed();
            memory.prepare(last);
            for (Task task : graph.tasks()) {
                launch(graph, memory, task, settings).run();
            }
            memory.download();
        }
        last = graphs.get(selected.getLast()).memory();
    }

    private Launch launch(Graph graph, DeviceMemory memory, Task task, Settings settings) {
        KernelCode code = code(graph, task, settings);
        String name = graph.name() + "." + task.id();
        requireOneWriter(name, code, task.arguments());
        Object[] arguments = task.arguments().clone();
        Watch[] watches = new Watch[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case TornadoNativeArray host -> {
                    Buffer copy = memory.on(host);
                    arguments[i] = copy.array();
                    watches[i] = copy.watch();
                }
                case Number number -> { }
                case Boolean flag -> { }
                case KernelContext context -> { }
                case null, default -> throw new KernelFault(Fault.UNSUPPORTED,
                        Place.ofBuffer(name, code.parameterName(i)),
                        "an argument has to be a number or a buffer");
            }
        }
        return new Launch(name, code, arguments, watches, grid(name, code), settings,
                SimulatedRuntime.INSTANCE.clock());
    }

    /// TornadoVM makes a later argument that is the same buffer wait for the task that writes it, which is this one: it
    /// looks for an order of its steps for ever.
    private static void requireOneWriter(String name, KernelCode code, Object[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            for (int j = i + 1; j < arguments.length && code.writes(i); j++) {
                if (arguments[i] == arguments[j]) {
                    throw new KernelFault(Fault.BUFFER_PASSED_AGAIN, Place.ofBuffer(name, code.parameterName(i)),
                            "the kernel writes it, and it is also passed as " + code.parameterName(j)
                                    + ": TornadoVM does not return from that");
                }
            }
        }
    }

    private Grid grid(String name, KernelCode code) {
        WorkerGrid grid = grids == null ? null : grids.get(name);
        if (grid != null) {
            return Grid.of(name, grid);
        }
        if (code.usesContext()) {
            throw new KernelFault(Fault.UNKNOWN_TASK, Place.ofBuffer(name, null),
                    "the grid scheduler has no worker grid for it"
                            + (grids == null ? "" : ", only for " + grids.keySet()));
        }
        return Grid.SINGLE;
    }

    private KernelCode code(Graph graph, Task task, Settings settings) {
        if (!settings.equals(resolvedFor)) {
            codes.clear();
            resolvedFor = settings;
        }
        return codes.computeIfAbsent(task, t -> KernelCode.of(graph.name() + "." + t.id(),
                t.lambda(), t.arguments(), settings));
    }

    /// Copies a whole buffer back from every selected graph that has it.
    public void fetch(Object buffer) {
        if (!(buffer instanceof TornadoNativeArray array)) {
            throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer("transferToHost", null),
                    "only buffers can be copied back");
        }
        fetch(array, TornadoNativeArray.ARRAY_HEADER, array.getNumBytesOfSegment());
    }

    /// Copies bytes back; the offset counts from the header.
    public void fetch(TornadoNativeArray buffer, long offset, long bytes) {
        boolean found = false;
        for (int each : selected) {
            if (memory(each).on(buffer) != null) {
                memory(each).download(buffer, offset - TornadoNativeArray.ARRAY_HEADER, bytes);
                found = true;
            }
        }
        if (!found) {
            throw new KernelFault(Fault.NOT_ON_DEVICE, Place.ofBuffer("transferToHost", null),
                    "no selected graph has this buffer on the device");
        }
    }

    /// Makes a buffer of graph `to` the device memory that `source` has in graph `from`. As on TornadoVM
    /// all graphs are selected then.
    public void map(Object target, Object source, long offset, int from, int to) {
        selectAll();
        if (offset != 0 || !(target instanceof TornadoNativeArray mapped)
                || !(source instanceof TornadoNativeArray there)) {
            throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer("mapOnDeviceMemoryRegion", null),
                    "arrays are mapped from their beginning, which costs nothing; with an offset "
                            + "TornadoVM copies");
        }
        memory(to).map(mapped, there, memory(from));
    }

    private DeviceMemory memory(int graph) {
        if (graph < 0 || graph >= graphs.size()) {
            throw new TornadoRuntimeException(
                    "the plan has " + graphs.size() + " graphs, none is number " + graph);
        }
        return graphs.get(graph).memory();
    }

    public void free() {
        selected.forEach(each -> memory(each).free());
    }

    public long deviceBytes() {
        return graphs.stream().map(Graph::memory).mapToLong(DeviceMemory::bytes).sum();
    }
}
