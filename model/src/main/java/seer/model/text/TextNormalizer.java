package seer.model.text;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/// Changes text before it is cut. Every kind that tokenizers use is a record of its settings in tokenizer.json.
sealed interface TextNormalizer {
    /// The changed text; it is no longer the first when its beginning was taken away.
    Piece apply(Piece piece);

    /// One of Unicode's normal forms.
    record Form(Normalizer.Form form) implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            return piece.with(Normalizer.normalize(piece.text(), form));
        }
    }

    /// Each character for itself, so that a sigma at the end of a word is none of its own.
    record Lowercase() implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            var lower = new StringBuilder(piece.text().length());
            piece.text().codePoints().forEach(c -> {
                if (c < 0x80) {
                    lower.append((char) Character.toLowerCase(c));
                } else {
                    lower.append(Character.toString(c).toLowerCase(Locale.ROOT));
                }
            });
            return piece.with(lower.toString());
        }
    }

    /// Takes white space away at the ends.
    record Strip(boolean left, boolean right) implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            String text = piece.text();
            int start = 0;
            int end = text.length();
            while (left && start < end && Characters.isSpace(text.charAt(start))) {
                start++;
            }
            while (right && end > start && Characters.isSpace(text.charAt(end - 1))) {
                end--;
            }
            return piece.part(start, end);
        }
    }

    /// Puts a text before every other that is not empty.
    record Prepend(String prefix) implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            return piece.text().isEmpty() ? piece : piece.with(prefix + piece.text());
        }
    }

    /// Puts a text in place of every match.
    record Replace(TextPattern pattern, String content) implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            String text = piece.text();
            var replaced = new StringBuilder(text.length());
            var done = new int[1];
            pattern.find(piece, (start, end) -> {
                replaced.append(text, done[0], start).append(content);
                done[0] = end;
            });
            replaced.append(text, done[0], text.length());
            boolean headless = content.isEmpty() && !text.isEmpty()
                    && (replaced.isEmpty() || replaced.charAt(0) != text.charAt(0));
            return new Piece(replaced.toString(), piece.first() && !headless, piece.limit());
        }
    }

    /// One after the other; without any, text stays as it is.
    record Sequence(List<TextNormalizer> steps) implements TextNormalizer {
        @Override
        public Piece apply(Piece piece) {
            Piece changed = piece;
            for (TextNormalizer step : steps) {
                changed = step.apply(changed);
            }
            return changed;
        }
    }
}
