package seer.model.backend.tornado.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/// One task graph: kernels one after the other over buffers of the device. There is one for each operation and shape
/// that kernels are compiled for, never one for each layer: its [Slot]s are mapped onto banks before each run.
public final class Operation {
    /// Local memory that every device has: OpenCL asks for it.
    static final int ANY = 32 * 1024;

    private final String name;
    private final List<Step> steps = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<Object> sent = new ArrayList<>();
    private final List<Object> fetched = new ArrayList<>();
    private int localBytes;
    private ImmutableTaskGraph graph;

    /// Adds one kernel to a graph, under the given task name.
    public interface Task {
        TaskGraph add(TaskGraph graph, String id, Step step);
    }

    public Operation(String name) {
        this.name = name;
    }

    /// Adds a kernel that takes integers.
    public Operation step(Task task) {
        return add(task, false);
    }

    /// Adds a kernel that takes integers and floats.
    public Operation scaled(Task task) {
        return add(task, true);
    }

    /// Adds a kernel that reads the integers of the one before.
    public Operation sharing(Task task) {
        steps.add(new Step(steps.getLast()));
        tasks.add(task);
        return this;
    }

    private Operation add(Task task, boolean floats) {
        var step = new Step();
        steps.add(step);
        tasks.add(task);
        sent.add(step.p());
        if (floats) {
            sent.add(step.f());
        }
        return this;
    }

    /// Buffers of its own, copied to the device with every run.
    public Operation sends(Object... buffers) {
        sent.addAll(List.of(buffers));
        return this;
    }

    /// Buffers of its own, copied back after every run.
    public Operation fetches(Object... buffers) {
        fetched.addAll(List.of(buffers));
        return this;
    }

    /// Whether something comes back with every run.
    boolean fetches() {
        return !fetched.isEmpty();
    }

    /// Says how much local memory a group of its kernels takes at most. Those below [#ANY] need not say.
    public Operation local(int bytes) {
        localBytes = Math.max(localBytes, bytes);
        return this;
    }

    int localBytes() {
        return localBytes;
    }

    public Step step(int number) {
        return steps.get(number);
    }

    List<Step> steps() {
        return steps;
    }

    /// The graph; null before it is built.
    ImmutableTaskGraph graph() {
        return graph;
    }

    /// Builds the graph, under a name that was never used before.
    ///
    /// @return the grids of its tasks, by the names that a plan knows them under
    Map<String, WorkerGrid> build(String unique) {
        var made = new TaskGraph(unique).transferToDevice(DataTransferMode.EVERY_EXECUTION, sent.toArray());
        var grids = new HashMap<String, WorkerGrid>();
        for (int i = 0; i < steps.size(); i++) {
            made = tasks.get(i).add(made, "k" + i, steps.get(i));
            grids.put(unique + ".k" + i, steps.get(i).grid());
        }
        // Under demand: their own few elements never travel, so that no bank is written by a transfer.
        Object[] slots = steps.stream().flatMap(step -> Arrays.stream(step.arrays())).toArray();
        if (slots.length > 0) {
            made = made.transferToDevice(DataTransferMode.UNDER_DEMAND, slots);
        }
        if (!fetched.isEmpty()) {
            made = made.transferToHost(DataTransferMode.EVERY_EXECUTION, fetched.toArray());
        }
        graph = made.snapshot();
        return grids;
    }

    public String name() {
        return name;
    }
}
