package seer.model.attention;

import java.util.Arrays;

/// What one query token sees: the row of a mask that its block has, for each query head or for each key/value head.
///
/// @param mask     one row, of the block that `position` lies in; as many heads as there are of queries, or of keys
/// @param heads    `H`, query heads
/// @param groups   `G`, key/value heads
/// @param position of the query; keys beyond it are not seen
public record QueryRow(BlockMask mask, int heads, int groups, int position) {

    public QueryRow {
        if (mask.rows() != 1 || mask.firstRow() != position / mask.block()) {
            throw new IllegalArgumentException("the mask has " + mask.rows() + " rows from row " + mask.firstRow()
                    + " on, wanted the row " + position / mask.block() + " alone, which position " + position
                    + " lies in");
        }
        if (mask.heads() != heads && mask.heads() != groups) {
            throw new IllegalArgumentException("the mask has " + mask.heads() + " heads, wanted " + heads
                    + " of queries or " + groups + " of keys");
        }
    }

    /// Key blocks of a head of the mask, ascending.
    public int[] blocks(int maskHead) {
        int[] start = mask.start();
        return Arrays.copyOfRange(mask.index(), start[maskHead], start[maskHead + 1]);
    }

    /// First key of a block that is seen.
    public int from(int block) {
        return block * mask.block();
    }

    /// Keys of a block that are seen.
    public int count(int block) {
        return Math.max(0, Math.min(mask.block(), position + 1 - from(block)));
    }
}
