package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// The keys, or the values, of a layer's cache, `[G, S, D]`, in whatever form they are kept: kernels ask for some rows
/// of a head at a time and compute with floats.
sealed interface CacheRows permits FloatRows, RoundedCacheRows {
    /// An array that holds rows `from .. from + count` of a head one after the other, the first from element [#start]
    /// on. It may be the scratch's, and then holds them until the next call with that scratch and slot.
    ///
    /// @param slot of the scratch
    float[] floats(int group, int from, int count, int slot, Scratch scratch);

    /// Where row `from` of a head begins in the array that [#floats] returns.
    int start(int group, int from);

    /// The same rows turned, `[D, PANEL]` from element 0 on: row `from + i` is column `i`; what other columns hold is
    /// arbitrary.
    float[] columns(int group, int from, int count, int slot, Scratch scratch);

    /// The same rows cut into panels, `[ceil(D / PANEL), count, PANEL]`, from element [#panelStart] on; what the last
    /// panel has beyond the rows' width is arbitrary.
    default float[] panels(int group, int from, int count, int slot, Scratch scratch) {
        float[] rows = floats(group, from, count, slot, scratch);
        if (width() == PANEL) {
            return rows;
        }
        float[] panels = scratch.floats(Scratch.CUT, Math.ceilDiv(width(), PANEL) * PANEL * count);
        Transpose.toPanels(rows, start(group, from), count, width(), panels);
        return panels;
    }

    /// Where row `from` of a head begins in the array that [#panels] returns.
    default int panelStart(int group, int from) {
        return width() == PANEL ? start(group, from) : 0;
    }

    int width();

    /// Reads one element of each cache line of some rows, where a kernel would otherwise be the first to touch them,
    /// so that the lines are there when it comes to them.
    ///
    /// @return what keeps the reading alive
    float touch(int group, int from, int count);

    /// Takes rows `0 .. rows` of every head of `x[G, T, D]` in, at `at ...`.
    void put(CpuTensor x, int rows, int at);

    /// All of them as floats: the rows themselves or a copy.
    CpuTensor tensor();
}
