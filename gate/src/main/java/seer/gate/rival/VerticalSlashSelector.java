package seer.gate.rival;

import java.util.stream.IntStream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;

/// Vertical and slanting lines estimated from the last 64 queries (MInference, arXiv 2407.02490, section 3.2 and
/// algorithm 2): the attention of the last queries to all keys is summed by key and by distance, and the lines with the
/// largest sums are kept in all rows.
///
/// Lines are those of tokens, as in the paper: a vertical is its key block for every row, a slash the one or two block
/// diagonals that it passes through. MInference finds out beforehand, head by head, how many of each to keep; here
/// verticals and slashes stand in one order by their sums, and as many are taken as keep no more blocks than the
/// `k` per row of the other rivals do, counted exactly.
///
/// The prompt has to be read in one chunk, as its last queries choose for all.
record VerticalSlashSelector(int block, TopBlocks rule, ForcedBlocks forced) implements BlockSelector {
    /// Queries that the estimate is made from.
    static final int QUERIES = 64;

    @Override
    public String label() {
        return "verticalslash:" + Setting.density(rule.density()).text();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public boolean wholePrompt() {
        return true;
    }

    @Override
    public Run begin(Prompt prompt) {
        prompt.requireWhole(label());
        var last = LastQueries.of(prompt, QUERIES);
        return view -> select(view, last);
    }

    private BlockMask select(LayerView view, LastQueries last) {
        float[][] maps = last.probabilities(view);
        int keys = view.offset() + view.rows();
        long limit = limit(rule, view, block);
        var lines = new Lines[maps.length];
        IntStream.range(0, maps.length).parallel().forEach(head ->
                lines[head] = LineScores.of(maps[head], last.rows(view), keys).within(limit, view, block));
        return HostMask.of(view, block, forced, (head, row, kept) -> lines[head].mark(row, kept));
    }

    /// Blocks per head that the chunk's rows keep if each keeps its largest `k`.
    static long limit(TopBlocks rule, LayerView view, int block) {
        int k = rule.perRow(view.totalBlocks(block));
        int first = view.firstBlock(block);
        return IntStream.range(first, first + view.blocks(block)).mapToLong(row -> Math.min(k, row + 1)).sum();
    }
}
