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

/// The device's copies of one graph's buffers. They keep their contents from one execution to the
/// next, until memory is freed; two graphs share a copy only when one consumes it from the other.
final class DeviceMemory {

    /// A device copy and its marks.
    record Buffer(TornadoNativeArray array, Watch watch) {
    }

    private final Graph graph;
    private final Budget budget;
    private final Set<Object> owned = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Object, Buffer> buffers = new IdentityHashMap<>();
    private final Set<Object> uploaded = Collections.newSetFromMap(new IdentityHashMap<>());

    DeviceMemory(Graph graph, Budget budget) {
        this.graph = graph;
        this.budget = budget;
    }

    /// Takes over, uploads and allocates what the graph needs before its first task.
    void prepare(DeviceMemory last) {
        for (Consumed each : graph.consumed()) {
            consume(each, last);
        }
        for (Transfer each : graph.toDevice()) {
            boolean first = uploaded.add(each.buffer());
            if (first || each.mode() == DataTransferMode.EVERY_EXECUTION) {
                Buffer copy = allocate(each.buffer());
                copy.array.getSegment().copyFrom(each.buffer().getSegment());
                copy.watch.define();
            }
        }
        for (Transfer each : graph.toHost()) {
            allocate(each.buffer());
        }
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
            budget.take(host.getNumBytesOfSegmentWithHeader());
            owned.add(host);
            TornadoNativeArray copy = like(host);
            Unwritten.fill(copy.getSegment());
            return new Buffer(copy, new Watch(host.getSize()));
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

    void free() {
        budget.give(bytes());
        owned.clear();
        buffers.clear();
        uploaded.clear();
    }

    /// Without what was taken over from other graphs.
    long bytes() {
        return owned.stream()
                .mapToLong(host -> ((TornadoNativeArray) host).getNumBytesOfSegmentWithHeader()).sum();
    }
}
