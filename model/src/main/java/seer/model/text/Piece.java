package seer.model.text;

/// A stretch of text on its way to words.
///
/// @param first whether it begins where the whole text does: some tokenizers put a space there and nowhere else
/// @param limit the work that all regular expressions may still do for the whole text
record Piece(String text, boolean first, WorkLimit limit) {
    /// Characters `from` to `to` (exclusive).
    Piece part(int from, int to) {
        return new Piece(text.substring(from, to), first && from == 0, limit);
    }

    Piece with(String changed) {
        return new Piece(changed, first, limit);
    }
}
