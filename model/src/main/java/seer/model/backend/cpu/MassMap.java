package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;

import seer.model.attention.MassPooling;

/// What the queries of each block give to each block of keys: the probabilities of a query are added up within a block
/// of keys, and the sums of a block's queries are pooled.
record MassMap(int block, MassPooling pooling) implements HeadScores.BlockMap {

    @Override
    public void add(HeadScores.Tile tile, int row, int keys, int position) {
        int lanes = tile.lanes();
        float[] mass = tile.scratch().floats(3, lanes); // stays from call to call
        float[] added = tile.scratch().floats(4, lanes);
        for (int lane = 0; lane < lanes; lane += LENGTH) {
            VectorExp.column(tile.scores(), row * lanes + lane, keys, lanes, tile.denominators(), lane, added);
        }
        for (int t = 0; t < tile.count(); t++) { // a block longer than a tile comes in pieces
            mass[t] = (position % block == 0 ? 0 : mass[t]) + added[t];
        }
        if ((position + keys) % block == 0 || position + keys == tile.last()) {
            pool(mass, tile, position / block);
        }
    }

    private void pool(float[] mass, HeadScores.Tile tile, int column) {
        float[] map = tile.map();
        for (int t = 0; t < tile.count(); t++) {
            int at = (tile.first() + t) / block * tile.columns() + column;
            map[at] = switch (pooling) {
                case PEAK -> Math.max(map[at], mass[t]);
                case MEAN -> map[at] + mass[t];
                case ROOT -> map[at] + mass[t] * mass[t];
            };
        }
    }

    /// A row's sums become means.
    @Override
    public void finish(float[] map, int at, int columns, int queries) {
        for (int j = at; j < at + columns; j++) {
            map[j] = switch (pooling) {
                case PEAK -> map[j];
                case MEAN -> map[j] / queries;
                case ROOT -> (float) Math.sqrt(map[j] / queries);
            };
        }
    }
}
