package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;

/// The largest softmax probability inside each block.
///
/// The largest one of a query within a block follows from its largest score; and the largest of several queries from
/// the largest of their logarithms: one exponential per tile and block.
record PooledMap(int block) implements HeadScores.BlockMap {

    @Override
    public void add(HeadScores.Tile tile, int row, int keys, int position) {
        int lanes = tile.lanes();
        float[] max = tile.scratch().floats(3, lanes);
        float[] old = tile.scratch().floats(4, lanes);
        Arrays.fill(max, 0, lanes, Float.NEGATIVE_INFINITY);
        for (int lane = 0; lane < lanes; lane += LENGTH) {
            OnlineSoftmax.raise(tile.scores(), row * lanes + lane, lane, keys, lanes, max, old);
        }
        int edge = Math.min(block, PANEL);
        float[] map = tile.map();
        for (int t = 0; t < tile.count(); t += edge) {
            int cell = (tile.first() + t) / block * tile.columns() + position / block;
            float highest = highest(max, tile.denominators(), t, Math.min(tile.count(), t + edge));
            map[cell] = Math.max(map[cell], (float) Math.exp(highest / HeadScores.LOG2_E));
        }
    }

    /// Logarithm to base 2 of the largest probability of queries `from .. to`.
    private static float highest(float[] max, float[] denominators, int from, int to) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int t = from; t < to; t++) {
            highest = Math.max(highest, max[t] - denominators[t]);
        }
        return highest;
    }
}
