package seer.sim;

import java.util.Locale;
import java.util.Random;

/// In which order work-items run between two barriers, and groups theirs. A correct
/// kernel gives the same result under each.
public record Schedule(Order order, long seed) {

    public static final Schedule ASCENDING = new Schedule(Order.ASCENDING, 0);
    public static final Schedule DESCENDING = new Schedule(Order.DESCENDING, 0);

    /// The kinds of order.
    public enum Order { ASCENDING, DESCENDING, SHUFFLED }

    public static Schedule shuffled(long seed) {
        return new Schedule(Order.SHUFFLED, seed);
    }

    /// Reads `ascending`, `descending` or `shuffled:SEED`.
    public static Schedule parse(String text) {
        return switch (text) {
            case "ascending" -> ASCENDING;
            case "descending" -> DESCENDING;
            default -> {
                if (!text.startsWith("shuffled:")) {
                    throw new IllegalArgumentException("a schedule is ascending, descending or "
                            + "shuffled:SEED, not " + text);
                }
                yield shuffled(Long.parseLong(text.substring("shuffled:".length())));
            }
        };
    }

    /// Fills `numbers` with the order of the numbers below its length; `salt` tells shuffles apart.
    void fill(int[] numbers, long salt) {
        int n = numbers.length;
        for (int i = 0; i < n; i++) {
            numbers[i] = order == Order.DESCENDING ? n - 1 - i : i;
        }
        if (order == Order.SHUFFLED) {
            Random random = new Random(seed * 0x9E3779B97F4A7C15L + salt);
            for (int i = n - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int swapped = numbers[i];
                numbers[i] = numbers[j];
                numbers[j] = swapped;
            }
        }
    }

    @Override
    public String toString() {
        return order.name().toLowerCase(Locale.ROOT)
                + (order == Order.SHUFFLED ? ":" + seed : "");
    }
}
