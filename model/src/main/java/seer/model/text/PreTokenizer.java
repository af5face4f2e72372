package seer.model.text;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Cuts text into the words that merging stays within. Every kind that tokenizers use is a record of its settings in
/// tokenizer.json.
sealed interface PreTokenizer {
    /// Hands the words of `piece` to `words`, in order.
    void split(Piece piece, Consumer<Piece> words);

    /// Cuts at the matches of a pattern.
    record Split(Cutter cutter) implements PreTokenizer {
        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            cutter.cut(piece, words);
        }
    }

    /// Cuts numbers out: digit by digit, or each run as a whole. A digit is any numeric character,
    /// as `½` and `٣` are.
    record Digits(boolean individual) implements PreTokenizer {
        private static final TextPattern NUMBER = new TextPattern.Each(Characters::isNumber);
        private static final Cutter EACH = new Cutter(NUMBER, Cutter.Behavior.ISOLATED, false);
        private static final Cutter RUNS = new Cutter(NUMBER, Cutter.Behavior.CONTIGUOUS, false);

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            (individual ? EACH : RUNS).cut(piece, words);
        }
    }

    /// Cuts at every character of punctuation.
    record Punctuation(Cutter.Behavior behavior) implements PreTokenizer {
        private static final TextPattern MARK = new TextPattern.Each(Characters::isPunctuation);

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            new Cutter(MARK, behavior, false).cut(piece, words);
        }
    }

    /// Takes white space out.
    record WhitespaceSplit() implements PreTokenizer {
        private static final Cutter SPACE =
                new Cutter(new TextPattern.Each(Characters::isSpace), Cutter.Behavior.REMOVED, false);

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            SPACE.cut(piece, words);
        }
    }

    /// Takes white space out, and cuts between words and runs of other characters: `\w+|[^\w\s]+`.
    record Whitespace() implements PreTokenizer {
        private static final Cutter WORD =
                new Cutter(new TextPattern.Each(Characters::isWord), Cutter.Behavior.CONTIGUOUS, false);

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            WhitespaceSplit.SPACE.cut(piece, part -> WORD.cut(part, words));
        }
    }

    /// Takes one character out wherever it stands.
    record CharDelimiterSplit(int delimiter) implements PreTokenizer {
        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            new Cutter(new TextPattern.Each(c -> c == delimiter), Cutter.Behavior.REMOVED, false).cut(piece, words);
        }
    }

    /// Writes spaces as a visible character, as SentencePiece does, puts one before the text on request, and cuts
    /// before each.
    record Metaspace(String replacement, Prepend prepend, boolean split) implements PreTokenizer {
        /// Before which stretches of text one more is put, unless there is one.
        enum Prepend { ALWAYS, FIRST, NEVER }

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            String text = piece.text().replace(" ", replacement);
            boolean wanted = prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && piece.first();
            if (wanted && !text.startsWith(replacement)) {
                text = replacement + text;
            }
            if (split) {
                new Cutter(new TextPattern.Literal(replacement), Cutter.Behavior.MERGED_WITH_NEXT, false)
                        .cut(piece.with(text), words);
            } else {
                words.accept(piece.with(text));
            }
        }
    }

    /// Prepares text to be spelled in bytes: on request puts a space before it, and cuts it with
    /// GPT-2's pattern.
    record ByteLevel(boolean addPrefixSpace, boolean useRegex) implements PreTokenizer {
        private static final Cutter GPT2 =
                new Cutter(WordScanner.of(WordScanner.GPT2).orElseThrow(), Cutter.Behavior.ISOLATED, false);

        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            boolean prefixed = addPrefixSpace && !piece.text().startsWith(" ");
            Piece text = prefixed ? piece.with(" " + piece.text()) : piece;
            if (useRegex) {
                GPT2.cut(text, words);
            } else {
                words.accept(text);
            }
        }
    }

    /// One after the other, each on the words of the one before; without any, the text is one word.
    record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(Piece piece, Consumer<Piece> words) {
            split(0, piece, words);
        }

        private void split(int step, Piece piece, Consumer<Piece> words) {
            if (step == steps.size()) {
                words.accept(piece);
            } else {
                steps.get(step).split(piece, word -> split(step + 1, word, words));
            }
        }

        /// All steps, those of sequences within it too.
        List<PreTokenizer> flat() {
            return steps.stream().flatMap(step -> step instanceof Sequence inner
                    ? inner.flat().stream() : Stream.of(step)).toList();
        }
    }
}
