package seer.model.backend.tornado;

import seer.model.attention.BlockMask;

/// Block lists on the device, which may have gaps between rows. Asking for the number of kept blocks brings over where
/// lists begin and end; asking for the lists brings over the lists, once.
final class DeviceMask extends BlockMask {
    private final Device device;
    private final int startAt;
    private final int endAt;
    private final int indexAt;
    private final int capacity;
    private int[] bounds; // where lists begin and, endAt - startAt behind, where they end
    private int[] start;
    private int[] index;

    private DeviceMask(Device device, int heads, int block, int firstRow, int rows, int capacity, int toEnds) {
        super(heads, block, firstRow, rows);
        this.device = device;
        this.capacity = capacity;
        this.startAt = device.integers().take(toEnds + heads * rows + capacity, this);
        this.endAt = startAt + toEnds;
        this.indexAt = endAt + heads * rows;
        device.blank().integers(startAt, toEnds + heads * rows + capacity);
    }

    /// Takes room for `capacity` blocks in lists that follow each other: one begins where the one before ends.
    static DeviceMask packed(Device device, int heads, int block, int firstRow, int rows, int capacity) {
        return new DeviceMask(device, heads, block, firstRow, rows, capacity, 1);
    }

    /// Takes room for `capacity` blocks in lists that each have a place of their own.
    static DeviceMask spread(Device device, int heads, int block, int firstRow, int rows, int capacity) {
        return new DeviceMask(device, heads, block, firstRow, rows, capacity, heads * rows);
    }

    int startAt() {
        return startAt;
    }

    int endAt() {
        return endAt;
    }

    int indexAt() {
        return indexAt;
    }

    private int begin(int r) {
        if (bounds == null) {
            bounds = device.readIntegers(startAt, indexAt - startAt);
        }
        return bounds[r];
    }

    private int kept(int r) {
        int begin = begin(r);
        return bounds[endAt - startAt + r] - begin;
    }

    @Override
    public int[] start() {
        if (start == null) {
            start = new int[heads() * rows() + 1];
            for (int r = 0; r < heads() * rows(); r++) {
                start[r + 1] = start[r] + kept(r);
            }
        }
        return start;
    }

    @Override
    public int[] index() {
        if (index == null) {
            int[] spread = device.readIntegers(indexAt, capacity);
            index = new int[(int) kept()];
            for (int r = 0; r < heads() * rows(); r++) {
                System.arraycopy(spread, begin(r), index, start()[r], kept(r));
            }
        }
        return index;
    }

    @Override
    public long kept() {
        return start()[heads() * rows()];
    }
}
