package seer.model.backend.tornado.device;

import seer.kernels.attention.BlockLists;
import seer.model.attention.BlockMask;
import seer.model.backend.NotFiniteException;
import uk.ac.manchester.tornado.api.KernelContext;

/// Block lists on the device, which may have gaps between rows.
///
/// Where lists begin and end stays there as long as the arena does: 8 bytes for each row, so that the blocks of all
/// masks of a prompt can be counted at its end. The lists themselves are far longer; they go when the mask closes.
/// Asking for the number of kept blocks brings the bounds over, asking for the lists brings the lists, once. A list
/// that ends before it begins is that of a row whose scores were not finite.
public final class DeviceMask extends BlockMask {
    private final DeviceArena arena;
    private final Stretch bounds; // where lists begin and, toEnds behind, where they end
    private final int toEnds;
    private final Stretch lists;
    private boolean closed;
    private int[] read; // the bounds
    private int[] start;
    private int[] index;

    private DeviceMask(DeviceArena arena, int heads, int block, int firstRow, int rows, int capacity, int toEnds) {
        super(heads, block, firstRow, rows);
        this.arena = arena;
        this.toEnds = toEnds;
        this.bounds = arena.take(Kind.INTEGERS, toEnds + (long) heads * rows);
        this.lists = arena.take(Kind.INTEGERS, capacity);
    }

    /// Takes room for `capacity` blocks in lists that follow each other: one begins where the one before ends.
    public static DeviceMask packed(DeviceArena arena, int heads, int block, int firstRow, int rows, int capacity) {
        return new DeviceMask(arena, heads, block, firstRow, rows, capacity, 1);
    }

    /// Takes room for `capacity` blocks in lists that each have a place of their own.
    public static DeviceMask spread(DeviceArena arena, int heads, int block, int firstRow, int rows, int capacity) {
        return new DeviceMask(arena, heads, block, firstRow, rows, capacity, heads * rows);
    }

    /// Fills the lists with those of the host.
    public void write(int[] start, int[] index) {
        arena.device().staging().write(start, startAt());
        arena.device().staging().write(index, indexAt());
    }

    /// Where the beginnings of lists stand.
    public Place startAt() {
        arena.requireOpen("a block mask");
        return bounds.start();
    }

    /// Where their ends stand.
    public Place endAt() {
        return bounds.at(toEnds);
    }

    /// Blocks that there is room for: no fewer than the lists hold, and known without asking the device.
    public int most() {
        requireLists();
        return lists.size();
    }

    /// Where the lists stand.
    ///
    /// @throws IllegalStateException if they are gone
    public Place indexAt() {
        requireLists();
        return lists.start();
    }

    private void requireLists() {
        arena.requireOpen("a block mask");
        if (closed) {
            throw new IllegalStateException("the lists of a block mask are used after it was closed");
        }
    }

    private int begin(int r) {
        if (read == null) {
            read = arena.device().staging().readIntegers(startAt(), bounds.size());
        }
        return read[r];
    }

    private int kept(int r) {
        int begin = begin(r);
        return read[toEnds + r] - begin;
    }

    @Override
    public int[] start() {
        if (start == null) {
            var made = new int[heads() * rows() + 1];
            for (int r = 0; r < heads() * rows(); r++) {
                if (kept(r) < 0) {
                    throw NotFiniteException.score(r / rows(), firstRow() + r % rows());
                }
                made[r + 1] = made[r] + kept(r);
            }
            start = made;
        }
        return start;
    }

    @Override
    public int[] index() {
        if (index == null) {
            requireLists();
            index = packed(start(), (int) kept());
        }
        return index;
    }

    /// The lists without the gaps between them, which nobody wrote.
    private int[] packed(int[] start, int kept) {
        Device device = arena.device();
        Operation pack = device.operation("pack lists", () -> new Operation("pack lists")
                .step((graph, id, step) -> graph.task(id, BlockLists::pack, new KernelContext(),
                        step.integers(BlockLists.P_STARTS), step.integers(BlockLists.P_INDEX),
                        step.integers(BlockLists.P_PLACES), step.integers(BlockLists.P_PACKED), step.p())));
        try (DeviceArena room = arena.within("its copy")) {
            Place packed = room.take(Kind.INTEGERS, kept).start();
            pack.step(0).put(BlockLists.P_ROWS, heads() * rows()).put(BlockLists.P_STARTS, startAt())
                    .put(BlockLists.P_ENDS, endAt().first()).put(BlockLists.P_INDEX, lists.start())
                    .put(BlockLists.P_PLACES, room.integers(start)).put(BlockLists.P_PACKED, packed)
                    .items(heads() * rows());
            device.run(pack);
            return device.staging().readIntegers(packed, kept);
        }
    }

    @Override
    public long kept() {
        return start()[heads() * rows()];
    }

    /// Whether [#kept()] needs nothing from the device.
    public boolean isCounted() {
        return start != null;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.give(lists);
        }
    }
}
