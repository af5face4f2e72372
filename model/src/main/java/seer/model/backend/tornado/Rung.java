package seer.model.backend.tornado;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.Supplier;
import seer.model.backend.DeviceInfo;
import seer.model.backend.RungInfo;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.TaskGraph;

/// One kernel for a [Work], and what [Rungs] has to know to choose it.
///
/// @param work       what it does
/// @param name       as results say it
/// @param words      what it fits, in words
/// @param fits       whether it fits extents and element types
/// @param device     devices that it compiles for
/// @param localBytes local memory that a group takes, at its widest shape
/// @param task       the kernel, in a graph; asked for when one is built, so that the list needs no TornadoVM
/// @param launch     the groups of a run
record Rung<W extends Work>(Class<W> work, String name, String words, Predicate<W> fits, Device device,
                            int localBytes, Supplier<Task<W>> task, Launch<W> launch) {

    /// Adds the kernel to a graph, with the buffers of a step.
    interface Task<W> {
        TaskGraph add(TaskGraph graph, String id, Step step, W work);
    }

    /// Sets the grid of a step.
    interface Launch<W> {
        void set(Step step, W work);
    }

    /// Devices that a kernel compiles for, and what errors call them.
    ///
    /// @param name       after "is for": `CUDA devices`
    /// @param localBytes local memory that such a device has for a group, where that is more than TornadoVM says
    record Device(String name, Predicate<DeviceInfo> is, int localBytes) {
        /// Every one.
        static final Device ANY = new Device("every device", info -> true, 0);
        /// Those whose tensor cores kernels may use.
        static final Device TENSOR_CORES = new Device("devices with tensor cores, from compute capability 8.0 on",
                info -> info.tensorCores() >= 80, 99 * 1024);
        /// Those whose warp groups multiply together, and whose copy engine brings tiles.
        static final Device HOPPER = new Device("devices of compute capability 9.0", info -> info.tensorCores() == 90,
                227 * 1024);
    }

    /// Adds the kernel as the next step of an operation.
    Operation addTo(Operation operation, W of) {
        return local(operation).step((graph, id, step) -> task.get().add(graph, id, step, of));
    }

    /// Adds it as a step that reads the numbers of the one before.
    Operation shareIn(Operation operation, W of) {
        return local(operation).sharing((graph, id, step) -> task.get().add(graph, id, step, of));
    }

    private Operation local(Operation operation) {
        return device.localBytes() > 0 ? operation : operation.local(localBytes);
    }

    /// The name of an operation of this kernel alone.
    String key(W of) {
        return Work.NAMES.get(work) + " " + name + " " + of.shape();
    }

    /// What keeps a device from running it, or null.
    String obstacle(DeviceInfo info) {
        return !device.is().test(info) ? "it is for " + device.name()
                : localBytes > Math.max(info.localBytes(), device.localBytes()) ? String.format(Locale.ROOT,
                "it takes %,d bytes of local memory, the device has %,d for a group", localBytes, info.localBytes())
                : null;
    }

    /// What `seer devices --rungs` shows.
    ///
    /// @param info null: no device is known
    RungInfo describe(DeviceInfo info) {
        return new RungInfo(Work.NAMES.get(work), name, words, localBytes, info == null ? null : obstacle(info));
    }
}
