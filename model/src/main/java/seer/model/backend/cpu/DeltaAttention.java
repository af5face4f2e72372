package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// Dense attention of every `spacing`-th query, and its difference to what stands there added to the rows behind it.
///
/// A task is a tile of such queries of one head, gathered, with the rows that they correct: nobody else touches those.
/// Tasks go as those of [SparseAttention] do. Where there are few of them, tiles are narrower.
///
/// ```text
///              keys up to the 1st query   from there to the 2nd   from there to the 3rd   ...
///   queries    all see all                all but the 1st         all but two             ...
/// ```
record DeltaAttention(CpuTensor q, int rows, int offset, int spacing, CpuCache cache, CpuTensor out) {
    /// Slots of a thread's scratch that [AttentionTile] does not use.
    private static final int QUERIES = 7;
    private static final int DENSE = 8;
    /// Tasks for each thread, so that light ones even out the end.
    private static final int TASKS = 4;

    void run(CpuThreads threads) {
        int heads = q.extent(0);
        int anchors = Math.ceilDiv(rows, spacing);
        int edge = Math.clamp(heads * anchors / (TASKS * threads.count()) / STRIP * STRIP, STRIP, PANEL);
        int tiles = Math.ceilDiv(anchors, edge);
        threads.run(heads * tiles, (task, scratch) -> {
            int first = (tiles - 1 - task % tiles) * edge;
            tile(task / tiles, first, Math.min(edge, anchors - first), scratch);
        });
    }

    /// @param first of the tile's queries, counted without those between them
    private void tile(int head, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        float[] queries = scratch.floats(QUERIES, PANEL * width);
        for (int i = 0; i < count; i++) {
            System.arraycopy(q.values(), (head * q.extent(1) + (first + i) * spacing) * width, queries, i * width,
                    width);
        }
        var tile = new AttentionTile(queries, 0, count, width, scratch);
        int seen = 0;
        for (int i = 0; i < count; i++) {
            int end = offset + (first + i) * spacing + 1;
            attend(tile, head, seen, end, i, scratch);
            seen = end;
        }
        float[] dense = scratch.floats(DENSE, PANEL * width);
        tile.finish(dense, 0, width);
        for (int i = 0; i < count; i++) {
            correct((first + i) * spacing, head * width, dense, i * width);
        }
    }

    /// Keys `from .. end`, panel by panel.
    ///
    /// @param reader first query that sees them
    private void attend(AttentionTile tile, int head, int from, int end, int reader, Scratch scratch) {
        int group = head / (q.extent(0) / cache.groups());
        for (int first = from; first < end; first += PANEL) {
            int piece = Math.min(PANEL, end - first);
            var keys = KeyPiece.of(cache.keyRows(), group, first, piece, scratch);
            float[] values = cache.valueRows().panels(group, first, piece, Scratch.VALUES, scratch);
            tile.attendFrom(keys, values, cache.valueRows().panelStart(group, first), piece, reader);
        }
    }

    /// @param anchor the dense row
    /// @param column where the head begins
    /// @param delta  dense output from element `at` on, of which the difference is made
    private void correct(int anchor, int column, float[] delta, int at) {
        int width = q.extent(2);
        int stride = out.extent(1);
        float[] o = out.values();
        for (int d = 0; d < width; d++) {
            delta[at + d] -= o[anchor * stride + column + d];
        }
        for (int t = anchor; t < Math.min(rows, anchor + spacing); t++) {
            for (int d = 0; d < width; d++) {
                o[t * stride + column + d] += delta[at + d];
            }
        }
    }
}
