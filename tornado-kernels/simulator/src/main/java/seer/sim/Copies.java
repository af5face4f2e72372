package seer.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The asynchronous copies of one item. A copy lands when the item waits for its set, not before:
/// until then its destination counts as unwritten.
public final class Copies {

    private record Copy(int[] tile, int index, int word, boolean watched) {
    }

    private final WorkItem item;
    private final Deque<List<Copy>> committed = new ArrayDeque<>();
    private List<Copy> open = new ArrayList<>();
    private int underWay; // watched ones

    Copies(WorkItem item) {
        this.item = item;
    }

    public void start(int[] tile, int index, int word) {
        if (item.group == null) {
            tile[index] = word;
            return;
        }
        item.group.locals.coming(tile, index, false);
        open.add(new Copy(tile, index, word, false));
    }

    /// As [#start], for an operation of a warp: until the copy lands, its destination is known to be under way.
    void startWatched(int[] tile, int index, int word) {
        item.group.locals.coming(tile, index, true);
        open.add(new Copy(tile, index, word, true));
        underWay++;
    }

    public void commit() {
        committed.add(open);
        open = new ArrayList<>();
    }

    public void await(int groups) {
        while (committed.size() > groups) {
            for (Copy copy : committed.remove()) {
                if (copy.watched) {
                    item.group.locals.landed(copy.tile, copy.index);
                    underWay--;
                } else {
                    item.group.locals.write(copy.tile, copy.index);
                }
                copy.tile[copy.index] = copy.word;
            }
        }
    }

    /// True if copies of the warp's operations were started that nobody waited for.
    boolean areUnderWay() {
        return underWay > 0;
    }

    void clear() {
        committed.clear();
        open.clear();
        underWay = 0;
    }
}
