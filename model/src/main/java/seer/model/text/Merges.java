package seer.model.text;

import java.util.Arrays;

/// The merge rules of byte-pair encoding: which two neighbouring tokens become which one, and how
/// early.
///
/// Rules are found by a hash of both ids, with open addressing over two arrays of longs: a
/// vocabulary of 150,000 has as many rules, and every pair of neighbours asks.
final class Merges {
    private static final long NONE = -1;
    /// 2^64 divided by the golden ratio: spreads neighbouring keys over the table.
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /// Left id above, right id below; NONE where free.
    private long[] keys = new long[16];
    /// Rank above, merged id below.
    private long[] values = new long[16];
    private int count;

    Merges() {
        Arrays.fill(keys, NONE);
    }

    /// Adds the rule that `left` and `right` become `merged`; lower ranks go first. The last rule
    /// for a pair counts.
    void add(int left, int right, int rank, int merged) {
        if (2 * (count + 1) > keys.length) {
            grow();
        }
        long key = pair(left, right);
        int slot = slot(key);
        if (keys[slot] == NONE) {
            keys[slot] = key;
            count++;
        }
        values[slot] = pair(rank, merged);
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new long[keys.length];
        Arrays.fill(keys, NONE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != NONE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private static long pair(int high, int low) {
        return (long) high << 32 | low;
    }

    private int slot(long key) {
        int slot = (int) (key * SPREAD >>> 33) & keys.length - 1;
        while (keys[slot] != NONE && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }

    /// Rank and merged id of a pair of neighbours, or NONE.
    private long rule(int left, int right) {
        int slot = slot(pair(left, right));
        return keys[slot] == NONE ? NONE : values[slot];
    }

    /// Merges the tokens of one word, always the pair of lowest rank, the leftmost of equals, until
    /// no rule fits; `ids` is used up.
    ///
    /// The pairs wait in a heap, so a word of n bytes costs n log n, not n². Entries are not removed
    /// when a neighbour merges away: one counts only if the pair now at its place still has its rank.
    int[] apply(int[] ids) {
        int n = ids.length;
        var next = new int[n];
        var previous = new int[n];
        var heap = new Heap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i + 1 < n) {
                offer(heap, ids, i, i + 1);
            }
        }
        while (!heap.isEmpty()) {
            long entry = heap.poll();
            int at = (int) entry;
            int right = next[at];
            if (ids[at] < 0 || right == n) {
                continue;
            }
            long rule = rule(ids[at], ids[right]);
            if (rule == NONE || rule >>> 32 != entry >>> 32) {
                continue;
            }
            ids[at] = (int) rule;
            ids[right] = -1;
            next[at] = next[right];
            if (next[at] < n) {
                previous[next[at]] = at;
                offer(heap, ids, at, next[at]);
            }
            if (previous[at] >= 0) {
                offer(heap, ids, previous[at], at);
            }
        }
        return Arrays.stream(ids).filter(id -> id >= 0).toArray();
    }

    private void offer(Heap heap, int[] ids, int left, int right) {
        long rule = rule(ids[left], ids[right]);
        if (rule != NONE) {
            heap.add(pair((int) (rule >>> 32), left));
        }
    }

    /// A binary heap of longs, the smallest first.
    private static final class Heap {
        private long[] entries;
        private int size;

        Heap(int capacity) {
            entries = new long[capacity + 2];
        }

        boolean isEmpty() {
            return size == 0;
        }

        void add(long entry) {
            if (size == entries.length) {
                entries = Arrays.copyOf(entries, 2 * size);
            }
            int at = size++;
            while (at > 0 && entries[(at - 1) / 2] > entry) {
                entries[at] = entries[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            entries[at] = entry;
        }

        long poll() {
            long first = entries[0];
            long last = entries[--size];
            int at = 0;
            for (int child = 1; child < size; child = 2 * at + 1) {
                if (child + 1 < size && entries[child + 1] < entries[child]) {
                    child++;
                }
                if (entries[child] >= last) {
                    break;
                }
                entries[at] = entries[child];
                at = child;
            }
            entries[at] = last;
            return first;
        }
    }
}
