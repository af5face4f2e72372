package seer.model.backend.cpu;

/// How the rows of a cache stand in segments, `[G, rows of it, D]` each, which take memory when the first of their rows
/// comes: a session that may hold 8,192 tokens and holds 500 takes a sixteenth of what it may take.
record RowSegments(int groups, int capacity) {
    /// Rows of a segment.
    private static final int ROWS = 512;

    int count() {
        return Math.ceilDiv(capacity, ROWS);
    }

    /// The segment that a row stands in.
    static int of(int row) {
        return row / ROWS;
    }

    /// The row behind the last of the segment that a row stands in.
    int end(int row) {
        return Math.min(capacity, (of(row) + 1) * ROWS);
    }

    /// Rows of all heads in the segment that a row stands in.
    int rows(int row) {
        return groups * ofHead(row);
    }

    /// Where a row of a head stands within its segment, counted in rows.
    int place(int group, int row) {
        return group * ofHead(row) + row % ROWS;
    }

    private int ofHead(int row) {
        return end(row) - row / ROWS * ROWS;
    }
}
