package seer.model.attention;

import java.util.Arrays;

/// Which key blocks each query block of each head attends to, as compressed sparse rows.
///
/// ```text
///   row r = head * rows + (query block - firstRow)
///   index[start[r] .. start[r + 1])  = its key blocks, ascending; the diagonal, if listed, last
/// ```
///
/// Rows are those of one chunk of the prompt: query blocks `firstRow .. firstRow + rows`.
/// A mask with every causal block listed is dense attention.
///
/// The lists lie on the heap here; a backend may derive a form that keeps them where it computes, until the mask is
/// closed, and brings them over when somebody asks.
public class BlockMask implements AutoCloseable {
    private final int heads;
    private final int block;
    private final int firstRow;
    private final int rows;
    private final int[] start; // [heads * rows + 1]; null if they lie elsewhere
    private final int[] index; // [start[heads * rows]]; null if they lie elsewhere

    /// @param start offsets into `index`, one more than there are rows; not copied
    /// @param index key blocks, ascending within a row; not copied, may be longer than needed
    public BlockMask(int heads, int block, int firstRow, int rows, int[] start, int[] index) {
        if (start.length != heads * rows + 1) {
            throw new IllegalArgumentException(
                    "start has " + start.length + " entries, wanted heads * rows + 1 = " + (heads * rows + 1));
        }
        this.heads = heads;
        this.block = block;
        this.firstRow = firstRow;
        this.rows = rows;
        this.start = start;
        this.index = index;
    }

    /// A mask whose lists lie elsewhere: [#start()], [#index()] and [#kept()] are the subclass's.
    protected BlockMask(int heads, int block, int firstRow, int rows) {
        this.heads = heads;
        this.block = block;
        this.firstRow = firstRow;
        this.rows = rows;
        this.start = null;
        this.index = null;
    }

    /// Every causal block of every head: dense attention.
    public static BlockMask dense(int heads, int block, int firstRow, int rows) {
        return new DenseMask(heads, block, firstRow, rows);
    }

    /// Whether it was made to keep everything, so that nobody needs its lists.
    public boolean isDense() {
        return false;
    }

    /// Query heads.
    public final int heads() {
        return heads;
    }

    /// Tokens along one edge of a block.
    public final int block() {
        return block;
    }

    /// The first query block that this mask speaks of.
    public final int firstRow() {
        return firstRow;
    }

    /// Query blocks per head.
    public final int rows() {
        return rows;
    }

    /// Offsets into [#index()], `[heads * rows + 1]`; the live array.
    public int[] start() {
        return start;
    }

    /// Key blocks of all rows; the live array.
    public int[] index() {
        return index;
    }

    /// Kept blocks over all heads and rows.
    public long kept() {
        return start()[heads * rows];
    }

    /// All causal blocks over all heads and rows.
    public final long causal() {
        long perHead = 0;
        for (int row = firstRow; row < firstRow + rows; row++) {
            perHead += row + 1;
        }
        return heads * perHead;
    }

    /// Share of the causal blocks that is kept, forced ones counted.
    public final double density() {
        return (double) kept() / causal();
    }

    /// Gives up lists that lie on a device; how many blocks they kept stays known. Lists on the heap stay.
    @Override
    public void close() { }

    /// Whether head `head` lists `keyBlock` for `queryBlock`.
    public final boolean keeps(int head, int queryBlock, int keyBlock) {
        int r = head * rows + queryBlock - firstRow;
        return Arrays.binarySearch(index(), start()[r], start()[r + 1], keyBlock) >= 0;
    }
}
