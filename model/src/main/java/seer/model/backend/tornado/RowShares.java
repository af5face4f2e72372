package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.attention.LongRows;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;

/// How groups of attention share the lists of a text's last rows, which by default are dense: [LongRows]. It depends on
/// lengths alone, so that nobody has to look at a list, and sums repeat.
///
/// @param tiles  of rows
/// @param shared of them, the last ones
/// @param parts  that each of these is cut into
record RowShares(int tiles, int shared, int parts) {
    /// Tiles of keys that are worth a part, and parts at most.
    private static final int LEAST = 32;
    private static final int MOST = 16;

    /// @param seen keys that the last row sees
    static RowShares of(int rows, int seen, int block) {
        int tiles = Tiles.along(rows);
        int parts = Math.clamp(Tiles.along(seen) / LEAST, 1, MOST);
        int last = ForcedBlocks.DENSE_LAST_ROWS * (block / Tiles.EDGE);
        return new RowShares(tiles, parts == 1 ? 0 : Math.min(tiles, last), parts);
    }

    /// Whether anything is shared.
    boolean any() {
        return shared > 0;
    }

    /// Floats of room.
    long floats(int heads, int width) {
        return (long) heads * shared * parts * LongRows.size(width);
    }

    /// Tells the kernel that shares; the one that joins needs the same numbers.
    ///
    /// @param room null where nothing is shared
    Step put(Step step, Place room) {
        step.put(LongRows.P_SHARED, shared).put(LongRows.P_PARTS, parts).put(LongRows.P_LEAST, LEAST);
        return room == null ? step.put(LongRows.P_ROOM, -1) : step.put(LongRows.P_ROOM, room);
    }

    /// Groups of the kernel that shares.
    int groups(int heads) {
        return LongRows.groups(tiles, heads, shared, parts);
    }

    /// Items of the kernel that joins.
    void joined(Step step, int heads, int width) {
        step.items((long) heads * shared * Tiles.EDGE * width / 2);
    }
}
