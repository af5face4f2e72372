package seer.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What a `TaskGraph` wrote down: transfers and tasks, by name.
public final class Graph {

    /// A buffer and when it is copied.
    record Transfer(int mode, TornadoNativeArray buffer) {
    }

    /// A buffer that another graph left on the device, and that graph's name as it was given.
    record Consumed(String source, TornadoNativeArray buffer) {
    }

    /// A kernel with its arguments.
    record Task(String id, Object lambda, Object[] arguments) {
    }

    private final String name;
    private final List<Transfer> toDevice = new ArrayList<>();
    private final List<Transfer> toHost = new ArrayList<>();
    private final List<Consumed> consumed = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final DeviceMemory memory = new DeviceMemory(this);

    public Graph(String name) {
        this.name = name;
    }

    public Graph copy() {
        Graph copy = new Graph(name);
        copy.toDevice.addAll(toDevice);
        copy.toHost.addAll(toHost);
        copy.consumed.addAll(consumed);
        copy.tasks.addAll(tasks);
        return copy;
    }

    public String name() {
        return name;
    }

    public void toDevice(int mode, Object... buffers) {
        for (Object buffer : buffers) {
            if (!(buffer instanceof Number)) {
                toDevice.add(new Transfer(mode, array(buffer)));
            }
        }
    }

    public void toHost(int mode, Object... buffers) {
        for (Object buffer : buffers) {
            toHost.add(new Transfer(mode, array(buffer)));
        }
    }

    /// Keeping a buffer is the same as copying it back under demand.
    public void persist(Object... buffers) {
        toHost(DataTransferMode.UNDER_DEMAND, buffers);
    }

    public void consume(String source, Object... buffers) {
        for (Object buffer : buffers) {
            consumed.add(new Consumed(source, array(buffer)));
        }
    }

    public void task(String id, Object lambda, Object... arguments) {
        if (tasks.stream().anyMatch(t -> t.id.equals(id))) {
            throw new TornadoTaskRuntimeException(
                    "the graph " + name + " has a task named " + id + " already");
        }
        tasks.add(new Task(id, lambda, arguments.clone()));
    }

    private TornadoNativeArray array(Object buffer) {
        if (buffer instanceof TornadoNativeArray array) {
            return array;
        }
        if (buffer == null) {
            throw new TornadoRuntimeException("null is listed as a buffer of the graph " + name);
        }
        throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer(name, null),
                "buffers of " + buffer.getClass());
    }

    DeviceMemory memory() {
        return memory;
    }

    List<Transfer> toDevice() {
        return toDevice;
    }

    List<Transfer> toHost() {
        return toHost;
    }

    List<Consumed> consumed() {
        return consumed;
    }

    List<Task> tasks() {
        return tasks;
    }

    boolean lists(Object buffer) {
        return toDevice.stream().anyMatch(t -> t.buffer == buffer)
                || toHost.stream().anyMatch(t -> t.buffer == buffer)
                || consumed.stream().anyMatch(c -> c.buffer == buffer);
    }

    /// TornadoVM accepts an argument that no transfer lists, and gives the kernel whatever lies in
    /// fresh device memory. Here it is a fault.
    void requireAllListed() {
        for (Task task : tasks) {
            for (int i = 0; i < task.arguments.length; i++) {
                Object argument = task.arguments[i];
                if (argument instanceof TornadoNativeArray && !lists(argument)) {
                    throw new KernelFault(Fault.UNLISTED_BUFFER,
                            Place.ofBuffer(name + "." + task.id, "argument " + i),
                            "this " + argument.getClass().getSimpleName()
                                    + " is used, but no transfer of the graph lists it");
                }
            }
        }
    }

    @Override
    public String toString() {
        return name + Arrays.toString(tasks.stream().map(Task::id).toArray());
    }
}
