package seer.gate.rival;

import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;

/// A prompt whose blocks are scored by the backend or the host and chosen on the host, row by row.
record ScoredRun(HostScores scores, int block, RowChoice choice, ForcedBlocks forced) implements BlockSelector.Run {

    @Override
    public BlockMask select(LayerView view) {
        float[][] maps = scores.maps(view);
        int first = view.firstBlock(block);
        int columns = first + view.blocks(block);
        int total = view.totalBlocks(block);
        return HostMask.of(view, block, forced, (head, row, kept) ->
                choice.mark(maps[head], (row - first) * columns, row + 1, total, kept));
    }
}
