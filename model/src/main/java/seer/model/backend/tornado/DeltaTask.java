package seer.model.backend.tornado;

import seer.kernels.attention.DeltaRows;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;

/// What [DeltaRows] and its twin for tiles are to do, and in how many parts.
///
/// @param rows    queries
/// @param offset  position of the first one
/// @param spacing from one dense query to the next
record DeltaTask(int rows, int offset, int spacing) {
    /// Keys of a part, a multiple of 64, where there is room for all parts; and parts at most.
    private static final int SPAN = 2048;
    private static final int SPLITS = 16;

    /// Queries that attend to every key.
    int dense() {
        return Math.ceilDiv(rows, spacing);
    }

    /// Parts of the keys, for which there is room then.
    int splits(Scratch scratch, int heads, int width) {
        return scratch.rows(heads * (long) dense() * (width + 2), Math.clamp(Math.ceilDiv(offset + rows, SPAN), 1,
                SPLITS));
    }

    Step set(Step step, int splits) {
        return step.put(DeltaRows.P_ROWS, rows).put(DeltaRows.P_OFFSET, offset).put(DeltaRows.P_SPACING, spacing)
                .put(DeltaRows.P_SPLITS, splits)
                .put(DeltaRows.P_SPAN, Math.ceilDiv(Math.ceilDiv(offset + rows, splits), 64) * 64);
    }
}
