package seer.eval.longbench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Words as LongBench's scorer sees them, which is written in Python: white space, letters and digits are those of
/// all scripts there, where Java's regular expressions know those of ASCII.
final class Words {
    /// What `str.split` splits at.
    private static final Pattern SPACE = Pattern.compile(
            "[\\t-\\r\\x1C-\\x20\\x85\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]+");
    /// What `re` takes for a letter of a word: unlike Java's `\w`, no combining mark.
    private static final String LETTER = "[\\p{L}\\p{N}_]";
    private static final Pattern ARTICLE = Pattern.compile("(?<!" + LETTER + ")(?:a|an|the)(?!" + LETTER + ")");
    /// `\d` of `re`.
    private static final Pattern NUMBER = Pattern.compile("\\p{Nd}+");

    private Words() { }

    /// The words of a text.
    static List<String> of(String text) {
        var words = new ArrayList<String>();
        for (String word : SPACE.split(text)) {
            if (!word.isEmpty()) { // before white space at the beginning
                words.add(word);
            }
        }
        return words;
    }

    /// A space in place of each English article that is a word of its own.
    static String withoutArticles(String text) {
        return ARTICLE.matcher(text).replaceAll(" ");
    }

    /// The numbers in a text, as they are written.
    static List<String> numbers(String text) {
        return NUMBER.matcher(text).results().map(found -> found.group()).toList();
    }
}
