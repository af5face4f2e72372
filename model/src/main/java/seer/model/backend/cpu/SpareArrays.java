package seer.model.backend.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// Arrays that an arena within another one had, for those that come after it: prompts, and layers of a prompt, ask for
/// the same room one after the other. What each left behind would stay in the JVM's memory for as long as there is more
/// to be had, which with a collector that works only then is until all of the machine's is taken.
///
/// What is kept is what the last one had.
final class SpareArrays {
    /// Shorter ones die young.
    private static final int LEAST = 1024;

    private final Map<Integer, Deque<float[]>> byLength = new HashMap<>();

    void add(float[] values) {
        if (values.length >= LEAST) {
            byLength.computeIfAbsent(values.length, _ -> new ArrayDeque<>()).add(values);
        }
    }

    /// One of this length with arbitrary content, or null.
    float[] take(int length) {
        var some = byLength.get(length);
        return some == null ? null : some.poll();
    }

    /// What another one has, in the place of what was here.
    void replace(SpareArrays others) {
        byLength.clear();
        byLength.putAll(others.byLength);
        others.byLength.clear();
    }

    void clear() {
        byLength.clear();
    }
}
