package seer.eval.longbench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// LongBench's metrics (arXiv 2308.14508, section 4), from 0 to 1, of one prediction against one right answer.
public final class Metrics {
    private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]");

    private Metrics() { }

    /// F1 of the words both have, each as often as in the poorer one, after [#normalise].
    public static double tokenF1(String prediction, String answer) {
        List<String> predicted = Words.of(normalise(prediction));
        List<String> right = Words.of(normalise(answer));
        Map<String, Integer> left = new HashMap<>();
        right.forEach(word -> left.merge(word, 1, Integer::sum));
        int same = 0;
        for (String word : predicted) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                same++;
            }
        }
        return f1(same, predicted.size(), right.size());
    }

    /// Lower case without ASCII punctuation, English articles and runs of white space, as SQuAD's scorer has it.
    static String normalise(String text) {
        String bare = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        return String.join(" ", Words.of(Words.withoutArticles(bare)));
    }

    /// F1 of the longest common subsequence of words (Lin 2004, with equal weight of precision and recall).
    public static double rougeL(String prediction, String answer) {
        List<String> predicted = Words.of(prediction);
        List<String> right = Words.of(answer);
        return f1(common(predicted, right), predicted.size(), right.size());
    }

    /// Whether the right class is named, divided by how many are: class names inside the right one do not count.
    public static double classification(String prediction, String answer, List<String> classes) {
        var named = new ArrayList<>(classes.stream().filter(prediction::contains).toList());
        named.removeIf(name -> answer.contains(name) && !name.equals(answer));
        return named.contains(answer) ? 1.0 / named.size() : 0;
    }

    /// The share of the numbers in the prediction that are the right one, of a paragraph or a count.
    public static double number(String prediction, String answer) {
        String right = Words.numbers(answer).stream().findFirst()
                .orElseThrow(() -> new IllegalArgumentException("answer is \"" + answer + "\", wanted a number in it"));
        var numbers = Words.numbers(prediction);
        return numbers.isEmpty() ? 0
                : (double) numbers.stream().filter(right::equals).count() / numbers.size();
    }

    /// `2 * common / (length + length)` of the first line of code and the right one, common being the longest common
    /// subsequence of characters.
    public static double editSimilarity(String prediction, String answer) {
        String line = Arrays.stream(prediction.replaceFirst("^\n+", "").split("\n"))
                .filter(each -> !each.contains("`") && !each.contains("#") && !each.contains("//"))
                .findFirst().orElse("");
        return f1(common(characters(line), characters(answer)), line.codePointCount(0, line.length()),
                answer.codePointCount(0, answer.length()));
    }

    private static double f1(int same, int predicted, int right) {
        return same == 0 ? 0 : 2.0 * same / (predicted + right);
    }

    private static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    /// Length of the longest common subsequence.
    static <T> int common(List<T> a, List<T> b) {
        var row = new int[b.size() + 1];
        for (T left : a) {
            int corner = 0;
            for (int j = 1; j <= b.size(); j++) {
                int above = row[j];
                row[j] = left.equals(b.get(j - 1)) ? corner + 1 : Math.max(above, row[j - 1]);
                corner = above;
            }
        }
        return row[b.size()];
    }
}
