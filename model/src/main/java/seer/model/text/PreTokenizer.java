package seer.model.text;

import java.util.List;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts text into the words that merging stays within. Every kind that byte-level tokenizers use is
/// a record of its settings in tokenizer.json.
sealed interface PreTokenizer {
    /// Hands the words of `text` to `words`, in order.
    void split(String text, Consumer<String> words);

    /// Compiles a pattern in Hugging Face's dialect (Oniguruma's Ruby syntax): classes such as `\s`
    /// are Unicode's, only a line feed ends a line, `^` and `$` stand at every line's ends, and
    /// scripts go by their bare name.
    static Pattern compile(String regex) {
        String translated = Pattern.compile("(?s)\\\\(?:([pP])\\{(\\^?)(\\w+)}|.)").matcher(regex)
                .replaceAll(escape -> Matcher.quoteReplacement(translate(escape)));
        return Pattern.compile(translated,
                Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES | Pattern.MULTILINE);
    }

    /// Java's spelling of one escape: `\p{^L}` is `\P{L}`, and `\p{Han}` is `\p{IsHan}`.
    private static String translate(MatchResult escape) {
        String name = escape.group(3);
        if (name == null) {
            return escape.group();
        }
        boolean positive = escape.group(1).equals("p") == escape.group(2).isEmpty();
        return (positive ? "\\p{" : "\\P{") + (isScript(name) ? "Is" : "") + name + "}";
    }

    private static boolean isScript(String name) {
        try {
            Character.UnicodeScript.forName(name);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// Cuts numbers out: digit by digit, or each run as a whole. A digit is any numeric character,
    /// as `½` and `٣` are.
    record Digits(boolean individual) implements PreTokenizer {
        private static final Split EACH = new Split(compile("\\p{N}"), Behavior.ISOLATED, false);
        private static final Split RUNS = new Split(compile("\\p{N}+"), Behavior.ISOLATED, false);

        @Override
        public void split(String text, Consumer<String> words) {
            (individual ? EACH : RUNS).split(text, words);
        }
    }

    /// Prepares text to be spelled in bytes: on request puts a space before it, and cuts it with
    /// GPT-2's pattern.
    record ByteLevel(boolean addPrefixSpace, boolean useRegex) implements PreTokenizer {
        private static final Split GPT2 = new Split(
                compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
                Behavior.ISOLATED, false);

        @Override
        public void split(String text, Consumer<String> words) {
            String prefixed = addPrefixSpace && !text.startsWith(" ") ? " " + text : text;
            if (useRegex) {
                GPT2.split(prefixed, words);
            } else {
                words.accept(prefixed);
            }
        }
    }

    /// One after the other, each on the words of the one before.
    record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(String text, Consumer<String> words) {
            split(0, text, words);
        }

        private void split(int step, String text, Consumer<String> words) {
            if (step == steps.size()) {
                words.accept(text);
            } else {
                steps.get(step).split(text, word -> split(step + 1, word, words));
            }
        }
    }

    /// What becomes of the matches of a pattern, the delimiters.
    enum Behavior {
        REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS;

        /// Whether a segment stays with the one before it, told by which of them are delimiters.
        boolean joins(boolean before, boolean delimiter) {
            return switch (this) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> delimiter && !before;
                case MERGED_WITH_NEXT -> before && !delimiter;
                case CONTIGUOUS -> before == delimiter;
            };
        }
    }

    /// Cuts at the matches of a pattern, the delimiters; with `invert` the matches are the words and
    /// what lies between them the delimiters.
    record Split(Pattern pattern, Behavior behavior, boolean invert) implements PreTokenizer {
        @Override
        public void split(String text, Consumer<String> words) {
            var cutter = new Cutter(text, behavior, words);
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                cutter.segment(matcher.start(), invert);
                cutter.segment(matcher.end(), !invert);
            }
            cutter.segment(text.length(), invert);
            cutter.emit();
        }
    }

    /// Puts segments together to words.
    final class Cutter {
        private final String text;
        private final Behavior behavior;
        private final Consumer<String> words;
        /// The word under way and whether its last segment is a delimiter.
        private int start;
        private int end;
        private boolean delimiter;

        private Cutter(String text, Behavior behavior, Consumer<String> words) {
            this.text = text;
            this.behavior = behavior;
            this.words = words;
        }

        private void segment(int to, boolean isDelimiter) {
            if (to == end) {
                return;
            }
            if (start == end || !behavior.joins(delimiter, isDelimiter)) {
                emit();
            }
            end = to;
            delimiter = isDelimiter;
        }

        private void emit() {
            if (start < end && !(delimiter && behavior == Behavior.REMOVED)) {
                words.accept(text.substring(start, end));
            }
            start = end;
        }
    }
}
