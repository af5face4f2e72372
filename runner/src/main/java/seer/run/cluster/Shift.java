package seer.run.cluster;

import java.util.Locale;

/// What one device did of the work that was shared.
///
/// @param device  of which it is told
/// @param read    prompts, windows or documents
/// @param first   seconds until the first was read, for which the model was opened and code compiled
/// @param working seconds at work after it
/// @param settled of these, seconds of the last half of what was read, for which a JVM has compiled what it runs
/// @param waiting seconds after the first that there was nothing to do
public record Shift(String device, int read, double first, double working, double settled, double waiting) {
    private static final double MS = 1e3;

    /// In a few words.
    public String text() {
        if (read == 0) {
            return device + " read none";
        }
        String text = String.format(Locale.ROOT, "%s read %,d, the first after %.1f s", device, read, first);
        return read == 1 ? text : text + String.format(Locale.ROOT, ", others in %.2f ms each (the last half in %.2f), "
                + "%.2f ms after the one before", working * MS / (read - 1), settled * MS / (read / 2),
                waiting * MS / (read - 1));
    }
}
