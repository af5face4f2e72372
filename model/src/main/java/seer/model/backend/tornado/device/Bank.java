package seer.model.backend.tornado.device;

import seer.kernels.Move;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// One array of the device, from which stretches are taken. It lies on the device alone; on the host there is only a
/// [HostTwin] that nobody touches.
///
/// TornadoVM has no call that takes device memory: a graph takes what its tasks name when it runs. So a bank has a
/// graph with one task, and a plan of its own: freeing a graph throws away what was compiled for its plan. A bank that
/// was freed keeps its graph and can take device memory again.
public final class Bank {
    /// Elements that stay free, most of them at the beginning: a transfer of a [Slot]'s own few elements, should there
    /// ever be one, meets nobody's.
    static final int HEAD = 32;
    /// Stretches begin so much earlier than at multiples of [Regions#ALIGN]: in memory the array's header stands in
    /// front of its elements, and tiles ought to begin with a cache line.
    private static final int HEADER = (int) (TornadoNativeArray.ARRAY_HEADER / Float.BYTES);
    private static final int ITEMS = 128;

    private final Kind kind;
    private final int size;
    private final HostTwin twin;
    private final ImmutableTaskGraph graph;
    private final GridScheduler grids;
    private final TornadoExecutionPlan plan;
    private Regions regions; // null while it has no device memory
    private int reached; // behind the last element that ever belonged to somebody

    /// @param name of its graph, never used before
    Bank(Kind kind, int size, String name) {
        this.kind = kind;
        this.size = size;
        this.twin = new HostTwin(kind, size);
        IntArray nothing = new IntArray(Move.P_TO + 1); // elements to clear: none
        graph = clear(new TaskGraph(name).transferToDevice(DataTransferMode.EVERY_EXECUTION, nothing), nothing)
                .persistOnDevice(twin.array()).snapshot();
        var grid = new WorkerGrid1D(ITEMS);
        grid.setLocalWork(ITEMS, 1, 1);
        grids = new GridScheduler(name + ".k0", grid);
        plan = new TornadoExecutionPlan(graph);
    }

    private TaskGraph clear(TaskGraph graph, IntArray p) {
        return switch (twin.array()) {
            case FloatArray floats -> graph.task("k0", Move::clear, new KernelContext(), floats, p);
            case IntArray integers -> graph.task("k0", Move::clearInts, new KernelContext(), integers, p);
            default -> throw new AssertionError("there are no banks of " + kind);
        };
    }

    Kind kind() {
        return kind;
    }

    /// Elements.
    int size() {
        return size;
    }

    long bytes() {
        return (long) kind.bytes() * size;
    }

    /// What its graph calls it.
    Object array() {
        return twin.array();
    }

    ImmutableTaskGraph graph() {
        return graph;
    }

    /// Takes device memory.
    void take() {
        plan.withGridScheduler(grids); // a plan over all graphs has given the graph its own
        plan.execute();
        regions = new Regions(HEAD - HEADER, size / Regions.ALIGN * Regions.ALIGN - HEADER);
        reached = 0;
    }

    /// Gives the device memory back.
    void free() {
        regions = null;
        plan.freeDeviceMemory();
    }

    /// Forgets the bank for good, once it is freed and in no plan any more.
    void discard() {
        twin.free();
    }

    /// Elements of its own for somebody, or null if so many are not free in a row.
    Stretch take(int elements) {
        int first = regions.take(elements);
        if (first == Regions.NO_ROOM) {
            return null;
        }
        boolean used = first < reached;
        reached = Math.max(reached, first + Regions.aligned(elements));
        return new Stretch(this, first, elements, used);
    }

    /// Whether so many elements are free in a row.
    boolean hasRoom(int elements) {
        return regions.hasRoom(elements);
    }

    /// Whether it belongs to nobody.
    boolean isUntaken() {
        return regions.isUntaken();
    }

    void give(Stretch stretch) {
        if (regions != null) {
            regions.give(stretch.first(), stretch.size());
        }
    }
}
