package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// The memory of some panels of one quantized type, for scales ("heads") and for numbers ("words").
///
/// ```text
///   two vectors to a strip:    heads, words of strip 0 | heads, words of strip 1 | ...      read in this order
///   four:                      heads of all strips | words of all strips                    read side by side
/// ```
///
/// Either way a row that is multiplied with strip after strip reads on where it was: a processor that has foreseen the
/// lines of one strip foresees those of the next. A jump of more than some lines costs as much as half a strip.
///
/// @param data       of all panels
/// @param headRows   of a strip, `STRIP` words each
/// @param wordRows   of a strip
/// @param stripCount of all panels
record QuantizedStore(int[] data, int headRows, int wordRows, int stripCount) {
    /// All zeros.
    static QuantizedStore of(int panels, int headRows, int wordRows) {
        return new QuantizedStore(new int[Math.multiplyExact(Math.multiplyExact(headRows + wordRows, PANEL), panels)],
                headRows, wordRows, panels * (PANEL / STRIP));
    }

    /// The first element of a row of heads.
    int head(int strip, int row) {
        int before = WideRowKernel.SUITS ? strip * headRows : strip * (headRows + wordRows);
        return (before + row) * STRIP;
    }

    /// The first element of a row of words.
    int word(int strip, int row) {
        int before = WideRowKernel.SUITS ? stripCount * headRows + strip * wordRows
                : strip * (headRows + wordRows) + headRows;
        return (before + row) * STRIP;
    }

    /// Bytes of so many panels.
    long bytes(int panels) {
        return (long) Integer.BYTES * panels * PANEL * (headRows + wordRows);
    }
}
