package seer.gate.rival;

import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.NotFiniteException;

/// A prompt whose blocks are scored by the backend or the host and chosen on the host, row by row.
record ScoredRun(HostScores scores, int block, RowChoice choice, ForcedBlocks forced) implements BlockSelector.Run {

    @Override
    public BlockMask select(LayerView view) {
        float[][] maps = scores.maps(view);
        int first = view.firstBlock(block);
        int columns = first + view.blocks(block);
        int total = view.totalBlocks(block);
        requireFinite(maps, first, columns - first);
        return HostMask.of(view, block, forced, (head, row, kept) ->
                choice.mark(maps[head], (row - first) * columns, row + 1, total, kept));
    }

    private static void requireFinite(float[][] maps, int first, int rows) {
        for (int head = 0; head < maps.length; head++) {
            for (int row = 0; row < rows; row++) {
                for (int j = 0; j <= first + row; j++) {
                    if (!Float.isFinite(maps[head][row * (first + rows) + j])) {
                        throw NotFiniteException.score(head, first + row);
                    }
                }
            }
        }
    }
}
