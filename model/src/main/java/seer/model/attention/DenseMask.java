package seer.model.attention;

/// Every causal block. The lists grow with the square of the text, so they are made only for those who ask.
final class DenseMask extends BlockMask {
    private int[] start;
    private int[] index;

    DenseMask(int heads, int block, int firstRow, int rows) {
        super(heads, block, firstRow, rows);
    }

    @Override
    public boolean isDense() {
        return true;
    }

    @Override
    public int[] start() {
        if (start == null) {
            var made = new int[heads() * rows() + 1];
            for (int r = 0; r < heads() * rows(); r++) {
                made[r + 1] = Math.addExact(made[r], firstRow() + r % rows() + 1);
            }
            start = made;
        }
        return start;
    }

    @Override
    public int[] index() {
        if (index == null) {
            int[] begin = start();
            var made = new int[begin[heads() * rows()]];
            for (int r = 0; r < heads() * rows(); r++) {
                for (int at = begin[r]; at < begin[r + 1]; at++) {
                    made[at] = at - begin[r];
                }
            }
            index = made;
        }
        return index;
    }

    @Override
    public long kept() {
        return causal();
    }
}
