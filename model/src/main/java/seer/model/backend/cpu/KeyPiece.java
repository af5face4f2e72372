package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.GROUP;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// At most [Lanes#PANEL] keys, as the kernel that multiplies queries with them wants them.
///
/// With 16 registers they are turned, so that what is broadcast are neighbours ([StripKernel]). With 32 a kernel has
/// address registers and instructions to spare, and rows as they are cost it 3 % where turning a piece takes as long as
/// half a product: they stay as they are.
///
/// @param values turned, `[D, PANEL]` from element 0 on; else rows, `[count, D]` from element `at` on
record KeyPiece(float[] values, int at) {
    private static final boolean TURNED = GROUP == 2;

    /// Keys `from .. from + count` of a head. They hold until the next call with that scratch.
    static KeyPiece of(CacheRows rows, int group, int from, int count, Scratch scratch) {
        return TURNED ? new KeyPiece(rows.columns(group, from, count, Scratch.KEYS, scratch), 0)
                : new KeyPiece(rows.floats(group, from, count, Scratch.KEYS, scratch), rows.start(group, from));
    }

    /// The same of rows one after the other.
    ///
    /// @param rows    `[count, width]`
    /// @param columns `[width, PANEL]`, for what is turned
    static KeyPiece of(float[] rows, int count, int width, float[] columns) {
        if (!TURNED) {
            return new KeyPiece(rows, 0);
        }
        Transpose.toPanel(rows, 0, count, width, columns);
        return new KeyPiece(columns, 0);
    }

    /// Scores of the first `seen` keys: `s[key, lane] = sum over d of key[d] * q[d, lane]`.
    ///
    /// @param q       `[width, STRIP]` from element `q0` on
    /// @param vectors that are used of each row of a strip
    /// @param s       `[PANEL, STRIP]`
    void score(int seen, int width, float[] q, int q0, int vectors, float[] s) {
        if (TURNED) {
            StripKernel.multiply(values, 0, (seen + 3) / 4 * 4, width, q, q0, vectors, s, 0, false);
        } else {
            PanelKernel.multiply(values, at, width, seen, width, q, q0, vectors * LENGTH, STRIP, s, 0, STRIP, false);
        }
    }
}
