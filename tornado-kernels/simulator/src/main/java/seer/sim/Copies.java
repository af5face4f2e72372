package seer.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The asynchronous copies of one item. A copy lands when the item waits for its set, not before:
/// until then its destination counts as unwritten.
public final class Copies {

    private record Copy(int[] tile, int index, int word) {
    }

    private final WorkItem item;
    private final Deque<List<Copy>> committed = new ArrayDeque<>();
    private List<Copy> open = new ArrayList<>();

    Copies(WorkItem item) {
        this.item = item;
    }

    public void start(int[] tile, int index, int word) {
        if (item.group == null) {
            tile[index] = word;
            return;
        }
        item.group.locals.unset(tile, index);
        open.add(new Copy(tile, index, word));
    }

    public void commit() {
        committed.add(open);
        open = new ArrayList<>();
    }

    public void await(int groups) {
        while (committed.size() > groups) {
            for (Copy copy : committed.remove()) {
                item.group.locals.write(copy.tile, copy.index);
                copy.tile[copy.index] = copy.word;
            }
        }
    }

    void clear() {
        committed.clear();
        open.clear();
    }
}
