package seer.sim;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import seer.sim.Graph.Consumed;
import seer.sim.Graph.Transfer;
import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The device's copies of one graph's buffers. They belong to the graph, whatever plan executes it, and
/// keep their contents from one execution to the next, until memory is freed. Two graphs share a copy
/// only when one consumes it from the other, or a plan maps a buffer of one onto the other's.
final class DeviceMemory {

    /// A device copy and its marks.
    static final class Buffer {

        private final TornadoNativeArray array;
        private final Watch watch;
        private final Buffer origin; // whose memory it is, under another type; or null
        private boolean freed;

        private Buffer(TornadoNativeArray array) {
            this.array = array;
            this.watch = new Watch(array.getSize());
            this.origin = null;
        }

        /// The same memory as elements of another type of their size.
        private Buffer(TornadoNativeArray view, Buffer origin) {
            this.array = view;
            this.watch = origin.watch;
            this.origin = origin;
        }

        private boolean isFreed() {
            return origin == null ? freed : origin.isFreed();
        }

        TornadoNativeArray array() {
            return array;
        }

        Watch watch() {
            return watch;
        }
    }

    private final Graph graph;
    private final Map<Object, Buffer> owned = new IdentityHashMap<>();
    private final Map<Object, Buffer> buffers = new IdentityHashMap<>();
    private final Set<Object> uploaded = Collections.newSetFromMap(new IdentityHashMap<>());

    DeviceMemory(Graph graph) {
        this.graph = graph;
        budget().watch(this);
    }

    private static Budget budget() {
        return SimulatedRuntime.INSTANCE.budget();
    }

    /// Takes over, uploads and allocates what the graph needs before its first task.
    void prepare(DeviceMemory last) {
        for (Consumed each : graph.consumed()) {
            consume(each, last);
        }
        for (Transfer each : graph.toDevice()) {
            Buffer copy = allocate(each.buffer());
            if (each.mode() != DataTransferMode.UNDER_DEMAND && (uploaded.add(each.buffer())
                    || each.mode() == DataTransferMode.EVERY_EXECUTION)) {
                // What is mapped may be longer than the host's array, whose size the transfer has.
                copy.array.getSegment().asSlice(0, each.buffer().getNumBytesOfSegment())
                        .copyFrom(each.buffer().getSegment());
                copy.watch.define();
            }
        }
        for (Transfer each : graph.toHost()) {
            allocate(each.buffer());
        }
        buffers.forEach((host, copy) -> {
            if (copy.isFreed()) {
                throw new KernelFault(Fault.NOT_ON_DEVICE, Place.ofBuffer(graph.name(), null),
                        "the memory that a " + host.getClass().getSimpleName()
                                + " of this graph was mapped onto has been freed");
            }
        });
    }

    /// From now on `host`, a buffer of this graph, is the device memory that `source` has in another.
    void map(TornadoNativeArray host, TornadoNativeArray source, DeviceMemory from) {
        Buffer there = from.buffers.get(source);
        if (there == null || there.isFreed()) {
            throw new KernelFault(Fault.NOT_ON_DEVICE, Place.ofBuffer(from.graph.name(), null),
                    "it has no device memory that a buffer of " + graph.name() + " could be mapped onto");
        }
        if (!graph.lists(host)) {
            throw new KernelFault(Fault.UNLISTED_BUFFER, Place.ofBuffer(graph.name(), null),
                    "a buffer is mapped, but no transfer of the graph lists it");
        }
        if (host.getElementSize() != source.getElementSize()) {
            throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer(graph.name(), null),
                    "a " + host.getClass().getSimpleName() + " is mapped onto a "
                            + source.getClass().getSimpleName() + ", whose elements have another size");
        }
        allocate(host); // its own memory stays with the graph, as on TornadoVM
        buffers.put(host, host.getClass() == there.array.getClass() ? there
                : new Buffer(over(host, there.array.getSegmentWithHeader()), there));
    }

    private static TornadoNativeArray over(TornadoNativeArray host, MemorySegment withHeader) {
        return switch (host) {
            case ByteArray array -> ByteArray.fromSegmentShallow(withHeader);
            case DoubleArray array -> DoubleArray.fromSegmentShallow(withHeader);
            case FloatArray array -> FloatArray.fromSegmentShallow(withHeader);
            case HalfFloatArray array -> HalfFloatArray.fromSegmentShallow(withHeader);
            case IntArray array -> IntArray.fromSegmentShallow(withHeader);
            case LongArray array -> LongArray.fromSegmentShallow(withHeader);
            case ShortArray array -> ShortArray.fromSegmentShallow(withHeader);
        };
    }

    /// TornadoVM looks only into the last graph of the execution before. A source given by name that
    /// did not run last is passed over if another source did; what was taken earlier then stays.
    private void consume(Consumed wanted, DeviceMemory last) {
        List<String> sources = graph.consumed().stream().map(Consumed::source).toList();
        if (last != null && (wanted.source().equals(last.graph.name())
                || !sources.contains(last.graph.name()))) {
            Buffer left = last.buffers.get(wanted.buffer());
            if (left == null) {
                throw missing("the last graph of the execution before, " + last.graph.name()
                        + ", does not hold");
            }
            buffers.put(wanted.buffer(), left);
        }
        if (!buffers.containsKey(wanted.buffer())) {
            throw missing("no execution before this one left");
        }
    }

    private KernelFault missing(String who) {
        return new KernelFault(Fault.NOT_ON_DEVICE, Place.ofBuffer(graph.name(), null),
                who + " the buffer that this graph consumes");
    }

    void download() {
        for (Transfer each : graph.toHost()) {
            if (each.mode() != DataTransferMode.UNDER_DEMAND) {
                download(each.buffer(), 0, each.buffer().getNumBytesOfSegment());
            }
        }
    }

    void download(TornadoNativeArray host, long from, long bytes) {
        MemorySegment.copy(buffers.get(host).array.getSegment(), from, host.getSegment(), from, bytes);
    }

    Buffer on(Object host) {
        return buffers.get(host);
    }

    private Buffer allocate(TornadoNativeArray host) {
        return buffers.computeIfAbsent(host, key -> {
            budget().require(host.getNumBytesOfSegmentWithHeader());
            TornadoNativeArray copy = like(host);
            Unwritten.fill(copy.getSegment());
            Buffer buffer = new Buffer(copy);
            owned.put(host, buffer);
            return buffer;
        });
    }

    private static TornadoNativeArray like(TornadoNativeArray host) {
        int size = host.getSize();
        return switch (host) {
            case ByteArray array -> new ByteArray(size);
            case DoubleArray array -> new DoubleArray(size);
            case FloatArray array -> new FloatArray(size);
            case HalfFloatArray array -> new HalfFloatArray(size);
            case IntArray array -> new IntArray(size);
            case LongArray array -> new LongArray(size);
            case ShortArray array -> new ShortArray(size);
        };
    }

    /// What was consumed or mapped stays with the graph that it belongs to.
    void free() {
        owned.values().forEach(buffer -> buffer.freed = true);
        owned.clear();
        buffers.clear();
        uploaded.clear();
    }

    /// Without what belongs to other graphs.
    long bytes() {
        return owned.values().stream().mapToLong(copy -> copy.array.getNumBytesOfSegmentWithHeader()).sum();
    }
}
