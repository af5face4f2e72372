package seer.model.backend.tornado;

import seer.model.attention.BlockMask;

/// Block lists on the device. Asking for the number of kept blocks brings over one integer; asking for the lists
/// brings over the lists, once.
final class DeviceMask extends BlockMask {
    private final Device device;
    private final int startAt;
    private final int indexAt;
    private long kept = -1;
    private int[] start;
    private int[] index;

    /// Takes room for `capacity` kept blocks.
    DeviceMask(Device device, int heads, int block, int firstRow, int rows, int capacity) {
        super(heads, block, firstRow, rows);
        this.device = device;
        this.startAt = device.integers().take(heads * rows + 1 + capacity, this);
        this.indexAt = startAt + heads * rows + 1;
    }

    int startAt() {
        return startAt;
    }

    int indexAt() {
        return indexAt;
    }

    @Override
    public int[] start() {
        if (start == null) {
            start = device.readIntegers(startAt, heads() * rows() + 1);
        }
        return start;
    }

    @Override
    public int[] index() {
        if (index == null) {
            index = device.readIntegers(indexAt, (int) kept());
        }
        return index;
    }

    @Override
    public long kept() {
        if (kept < 0) {
            kept = device.readIntegers(startAt + heads() * rows(), 1)[0];
        }
        return kept;
    }
}
