package seer.model.backend.tornado;

import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/// One task graph: kernels one after the other over the device's buffers.
final class Operation {
    /// Local memory that every device has: OpenCL asks for it.
    static final int ANY = 32 * 1024;

    private final String name;
    private final List<Step> steps = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<Object> sent = new ArrayList<>();
    private final List<Object> held = new ArrayList<>();
    private final List<Object> fetched = new ArrayList<>();
    private int localBytes;

    /// Adds one kernel to a graph, under the given task name.
    interface Task {
        TaskGraph add(TaskGraph graph, String id, Step step);
    }

    Operation(String name) {
        this.name = name;
    }

    /// Adds a kernel that takes integers.
    Operation step(Task task) {
        return add(task, false);
    }

    /// Adds a kernel that takes integers and floats.
    Operation scaled(Task task) {
        return add(task, true);
    }

    /// Adds a kernel that reads the integers of the one before.
    Operation sharing(Task task) {
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
    Operation sends(Object... buffers) {
        sent.addAll(List.of(buffers));
        return this;
    }

    /// Buffers of its own that stay on the device.
    Operation keeps(Object... buffers) {
        held.addAll(List.of(buffers));
        return this;
    }

    /// Buffers of its own, copied back after every run.
    Operation fetches(Object... buffers) {
        fetched.addAll(List.of(buffers));
        return this;
    }

    /// Says how much local memory a group of its kernels takes at most. Those below [#ANY] need not say.
    Operation local(int bytes) {
        localBytes = Math.max(localBytes, bytes);
        return this;
    }

    int localBytes() {
        return localBytes;
    }

    Step step(int number) {
        return steps.get(number);
    }

    /// The graph, over buffers that other graphs left on the device.
    ImmutableTaskGraph graph(String unique, GridScheduler grids, Object... resident) {
        var graph = new TaskGraph(unique).consumeFromDevice(resident);
        return finish(graph, unique, grids);
    }

    /// The graph that brings the buffers to the device and leaves them there.
    ImmutableTaskGraph hub(String unique, GridScheduler grids, Object... resident) {
        var graph = new TaskGraph(unique).transferToDevice(DataTransferMode.FIRST_EXECUTION, resident);
        for (Step step : steps) {
            step.set(0, 0, 0);
            step.items(1);
        }
        return finish(graph, unique, grids, resident);
    }

    private ImmutableTaskGraph finish(TaskGraph graph, String unique, GridScheduler grids, Object... kept) {
        graph = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, sent.toArray());
        if (!held.isEmpty()) {
            graph = graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, held.toArray());
        }
        for (int i = 0; i < steps.size(); i++) {
            graph = tasks.get(i).add(graph, "k" + i, steps.get(i));
            grids.addWorkerGrid(unique + ".k" + i, steps.get(i).grid());
        }
        if (!fetched.isEmpty()) {
            graph = graph.transferToHost(DataTransferMode.EVERY_EXECUTION, fetched.toArray());
        }
        if (kept.length > 0) {
            graph = graph.persistOnDevice(kept);
        }
        return graph.snapshot();
    }

    String name() {
        return name;
    }
}
