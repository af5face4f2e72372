package seer.run;

import java.util.Locale;

/// A number and what it counts: `1 thread`, `32,000 tokens`.
final class Count {
    private Count() { }

    static String of(long number, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
    }
}
