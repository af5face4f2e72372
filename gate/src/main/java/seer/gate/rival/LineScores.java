package seer.gate.rival;

import seer.model.LayerView;

/// How much of the last queries' attention goes to each key, and to each distance between query and key.
///
/// @param vertical `[keys]` column sums
/// @param slash    `[keys]` sums by distance
record LineScores(float[] vertical, float[] slash) {

    /// @param probabilities `[rows, keys]`, the queries being the last ones
    static LineScores of(float[] probabilities, int rows, int keys) {
        var vertical = new float[keys];
        var slash = new float[keys];
        for (int row = 0; row < rows; row++) {
            int position = keys - rows + row;
            for (int key = 0; key <= position; key++) {
                float p = probabilities[row * keys + key];
                vertical[key] += p;
                slash[position - key] += p;
            }
        }
        return new LineScores(vertical, slash);
    }

    /// The lines with the largest sums, verticals and slashes in one order, that keep at most `limit` blocks; one that
    /// does not fit is passed over, and smaller ones may.
    Lines within(long limit, LayerView view, int block) {
        int keys = vertical.length;
        var both = new float[2 * keys];
        System.arraycopy(vertical, 0, both, 0, keys);
        System.arraycopy(slash, 0, both, keys, keys);
        var lines = new Lines(view, block);
        int blocks = Math.ceilDiv(keys, block);
        var columnSeen = new boolean[blocks]; // what did not fit once does not fit later: only what is kept grows
        var slashSeen = new boolean[2 * blocks];
        for (int line : Ranking.largestFirst(both, 0, both.length)) {
            int at = line % keys;
            if (line < keys) {
                if (!columnSeen[at / block]) {
                    columnSeen[at / block] = true;
                    lines.column(at / block, limit);
                }
            } else {
                boolean whole = at % block == 0;
                int seen = at / block * 2 + (whole ? 0 : 1);
                if (!slashSeen[seen]) {
                    slashSeen[seen] = true;
                    lines.slash(at / block, whole, limit);
                }
            }
        }
        return lines;
    }
}
