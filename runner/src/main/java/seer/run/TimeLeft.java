package seer.run;

import java.util.Locale;

/// Times that people wait, in two units at most: `45 s`, `12 min`, `3 h 20 min`, `2 d 5 h`.
final class TimeLeft {
    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;

    private TimeLeft() { }

    static String words(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 2 * MINUTE) {
            return whole + " s";
        }
        if (whole < 2 * HOUR) {
            return Math.round(seconds / MINUTE) + " min";
        }
        return whole < 2 * DAY ? two(whole, HOUR, "h", MINUTE, "min") : two(whole, DAY, "d", HOUR, "h");
    }

    private static String two(long seconds, int large, String largeName, int small, String smallName) {
        long units = Math.round((double) seconds / small);
        int each = large / small;
        return String.format(Locale.ROOT, "%,d %s %d %s", units / each, largeName, units % each, smallName);
    }
}
