package seer.gate.rival;

import java.util.Arrays;

/// Orders of scores.
final class Ranking {
    private Ranking() { }

    /// Positions `0 .. count` by falling `values[at + position]`, equal ones by rising position.
    ///
    /// Each value becomes the upper half of a whole number that orders as it does, and its position the lower half: a
    /// plain sort of those is several times faster than one that compares.
    static int[] largestFirst(float[] values, int at, int count) {
        var keys = new long[count];
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToIntBits(values[at + i] + 0f); // no negative zero
            int ordered = bits ^ bits >> 31 & Integer.MAX_VALUE;
            keys[i] = (long) ~ordered << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        var order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    /// How many of the first ones in `order` it takes to hold at least `mass` of the values' sum.
    static int holding(double mass, float[] values, int[] order) {
        double wanted = 0;
        for (float value : values) {
            wanted += value;
        }
        wanted *= mass;
        double held = 0;
        int count = 0;
        while (count < order.length && (held < wanted || mass == 1)) {
            held += values[order[count++]];
        }
        return count;
    }
}
