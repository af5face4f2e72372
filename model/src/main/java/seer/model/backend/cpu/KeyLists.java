package seer.model.backend.cpu;

import seer.model.attention.BlockMask;

/// The lists of a mask transposed: which query blocks of which heads read a key block.
///
/// ```text
///   column c = group * blocks + key block
///   rows[start[c] .. start[c + 1])  = mask rows `head * rows + query block`, ascending
/// ```
///
/// The heads of a group share keys and values, so their rows stand in one list.
///
/// @param blocks key blocks, as many as query blocks
record KeyLists(int blocks, int[] start, int[] rows) {

    /// @param groups key/value heads
    static KeyLists of(BlockMask mask, int groups) {
        int blocks = mask.rows();
        int share = mask.heads() / groups;
        int[] from = mask.start();
        int[] index = mask.index();
        var start = new int[groups * blocks + 1];
        for (int r = 0; r < mask.heads() * blocks; r++) {
            int column = r / blocks / share * blocks;
            for (int at = from[r]; at < from[r + 1]; at++) {
                start[column + index[at] + 1]++;
            }
        }
        for (int c = 0; c < groups * blocks; c++) {
            start[c + 1] += start[c];
        }
        var next = start.clone();
        var rows = new int[start[groups * blocks]];
        for (int r = 0; r < mask.heads() * blocks; r++) {
            int column = r / blocks / share * blocks;
            for (int at = from[r]; at < from[r + 1]; at++) {
                rows[next[column + index[at]]++] = r;
            }
        }
        return new KeyLists(blocks, start, rows);
    }
}
