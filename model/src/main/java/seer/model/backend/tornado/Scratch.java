package seer.model.backend.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Room for what lives only within one operation: normed rows, stacked projections, logits, scores of rows in flight.
///
/// Operations cut their rows so that they fit; the room is chosen when the buffers are made, from the widest matrix
/// and the longest tensor known by then.
final class Scratch {
    /// Rows of the widest operation that pass at once, at most.
    private static final int ROWS = 2048;
    private static final int MOST = 1 << 26;
    /// Block scores in flight at most: 16 MiB, reached at 65,536 tokens.
    private static final int SCORES = 1 << 22;

    private int widest = 64; // floats that a row of the widest operation needs
    private int longest = 64; // rows of the longest tensor
    private int first;
    private int size;
    private Object owner;

    /// An operation will need `floats` for a row.
    void expectWidth(long floats) {
        widest = Math.clamp(floats, widest, MOST);
    }

    /// Some tensor has so many rows.
    void expectRows(int rows) {
        longest = Math.max(longest, rows);
    }

    /// Takes the room, again when the buffers grow.
    void reserve(Heap<FloatArray> tensors) {
        long wanted = Math.max(Math.min((long) widest * Math.min(ROWS, longest), MOST), widest);
        wanted = Math.max(wanted, Math.min(64L * longest, SCORES));
        if (wanted > size) {
            owner = new Object();
            size = (int) wanted;
            first = tensors.room(size, owner);
        }
    }

    /// Where it begins in the tensor buffer.
    int first() {
        return first;
    }

    /// Rows of `floats` elements that fit.
    int rows(int floats) {
        if (floats > size) {
            throw new IllegalArgumentException("one row needs " + floats + " floats of scratch, there are " + size);
        }
        return size / floats;
    }
}
