package seer.run.cluster;

import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/// What one device did of the work that was shared.
///
/// @param device  of which it is told
/// @param read    prompts, windows, documents or sequences
/// @param first   seconds until the first piece was read, for which the model was opened and code compiled
/// @param pieces  of the work
/// @param working seconds at work on each of what was read after that
/// @param settled the same of the last half of the pieces, for which a JVM has compiled what it runs
/// @param waiting seconds before each piece after the first that there was nothing to do
public record Shift(String device, int read, double first, int pieces, double working, double settled,
                    double waiting) {
    private static final double SECONDS = 1e-9;
    private static final double MS = 1e3;

    /// A piece of the work.
    ///
    /// @param read   of it, one or several
    /// @param waited nanoseconds before it
    /// @param worked nanoseconds at it
    record Piece(int read, long waited, long worked) { }

    /// @param first seconds until the first piece was read
    static Shift of(String device, double first, List<Piece> pieces) {
        int count = pieces.size();
        var others = pieces.subList(Math.min(1, count), count);
        return new Shift(device, pieces.stream().mapToInt(Piece::read).sum(), first, count, working(others),
                working(pieces.subList(count - count / 2, count)),
                seconds(others, Piece::waited) / Math.max(1, others.size()));
    }

    private static double working(List<Piece> pieces) {
        return seconds(pieces, Piece::worked) / Math.max(1, pieces.stream().mapToInt(Piece::read).sum());
    }

    private static double seconds(List<Piece> pieces, ToLongFunction<Piece> nanos) {
        return pieces.stream().mapToLong(nanos).sum() * SECONDS;
    }

    /// In a few words.
    public String text() {
        if (read == 0) {
            return device + " read none";
        }
        String text = String.format(Locale.ROOT, "%s read %,d, the first after %.1f s", device, read, first);
        return pieces == 1 ? text : text + String.format(Locale.ROOT, ", others in %.2f ms each (the last half in "
                + "%.2f), %.2f ms after the one before", working * MS, settled * MS, waiting * MS);
    }
}
