package seer.model.text;

import java.util.function.Consumer;

/// Cuts a text at the matches of a pattern, the delimiters; inverted, the matches are the words and what lies between
/// them the delimiters.
///
/// @param invert whether matches are words
record Cutter(TextPattern pattern, Behavior behavior, boolean invert) {
    /// What becomes of the delimiters.
    enum Behavior {
        REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS;

        /// Whether a segment stays with the one before it, told by which of them are delimiters.
        private boolean joins(boolean before, boolean delimiter) {
            return switch (this) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> delimiter && !before;
                case MERGED_WITH_NEXT -> before && !delimiter;
                case CONTIGUOUS -> before == delimiter;
            };
        }
    }

    void cut(Piece piece, Consumer<Piece> words) {
        var run = new Run(piece, words);
        pattern.find(piece, (start, end) -> {
            if (start > run.end) {
                run.segment(start, invert);
            }
            run.segment(end, !invert);
        });
        if (piece.text().length() > run.end) {
            run.segment(piece.text().length(), invert);
        }
        run.emit();
    }

    /// The cutting of one text: the word under way, and whether its last segment is a delimiter. An empty match is a
    /// segment too, and keeps its neighbours apart.
    private final class Run {
        private final Piece piece;
        private final Consumer<Piece> words;
        private int start;
        private int end;
        private boolean delimiter;
        private boolean begun;

        Run(Piece piece, Consumer<Piece> words) {
            this.piece = piece;
            this.words = words;
        }

        void segment(int to, boolean isDelimiter) {
            if (begun && !behavior.joins(delimiter, isDelimiter)) {
                emit();
            }
            end = to;
            delimiter = isDelimiter;
            begun = true;
        }

        void emit() {
            if (start < end && !(delimiter && behavior == Behavior.REMOVED)) {
                words.accept(piece.part(start, end));
            }
            start = end;
        }
    }
}
