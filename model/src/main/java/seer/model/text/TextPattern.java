package seer.model.text;

import java.util.function.IntPredicate;

/// What the steps of a tokenizer look for in a text.
interface TextPattern {
    /// Told every match, from left to right; a match may be empty.
    @FunctionalInterface
    interface Matches {
        void accept(int start, int end);
    }

    /// Finds the matches in `piece`, none overlapping another.
    void find(Piece piece, Matches matches);

    /// A text that is looked for as it is.
    record Literal(String wanted) implements TextPattern {
        @Override
        public void find(Piece piece, Matches matches) {
            if (wanted.isEmpty()) {
                return;
            }
            String text = piece.text();
            for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length())) {
                matches.accept(at, at + wanted.length());
            }
        }
    }

    /// Single characters of a kind.
    record Each(IntPredicate kind) implements TextPattern {
        @Override
        public void find(Piece piece, Matches matches) {
            String text = piece.text();
            for (int at = 0; at < text.length();) {
                int c = text.codePointAt(at);
                int end = at + Character.charCount(c);
                if (kind.test(c)) {
                    matches.accept(at, end);
                }
                at = end;
            }
        }
    }
}
