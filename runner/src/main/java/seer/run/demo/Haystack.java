package seer.run.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import seer.model.text.Tokenizer;

/// Hides facts in a long text, in the manner of RULER (arXiv 2404.06654): needles with magic numbers, and chains of
/// variables that are assigned to one another.
public final class Haystack {
    private static final int HOPS = 4;
    private static final int NAME_LETTERS = 5;

    private final Tokenizer tokenizer;
    private final int[] filler;
    private final List<String> words;

    /// @param text what the facts are hidden in; keys are made of its words
    public Haystack(Tokenizer tokenizer, String text) {
        this.tokenizer = tokenizer;
        this.filler = tokenizer.encode(text);
        this.words = Arrays.stream(text.split("[^A-Za-z]+")).filter(word -> word.matches("[a-z]{4,9}"))
                .distinct().toList();
    }

    /// The tokens of the text.
    public int[] text() {
        return filler.clone();
    }

    /// A prompt of `length` tokens with `count` keys and a number for each; one is asked for.
    public FactPrompt needles(int length, int count, long seed) {
        var random = new SplittableRandom(seed);
        var keys = new ArrayList<String>();
        var numbers = new ArrayList<String>();
        var facts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            keys.add(word(random) + "-" + word(random));
            numbers.add(Integer.toString(random.nextInt(1_000_000, 10_000_000)));
            facts.add(" One of the special magic numbers for " + keys.get(i) + " is: " + numbers.get(i) + ".");
        }
        int asked = random.nextInt(count);
        String subject = "special magic number for " + keys.get(asked) + " mentioned in the provided text";
        return prompt(length, random, facts, new Frame(
                "A special magic number is hidden within the following text. Make sure to memorize it. "
                        + "I will quiz you about the number afterwards.\n",
                "\nWhat is the " + subject + "? The " + subject + " is"),
                "the magic number of " + keys.get(asked), numbers.get(asked));
    }

    /// A prompt of `length` tokens in which a value is passed on from variable to variable; all are asked for.
    public FactPrompt chain(int length, long seed) {
        var random = new SplittableRandom(seed);
        String value = Integer.toString(random.nextInt(10_000, 100_000));
        var names = new ArrayList<String>();
        var facts = new ArrayList<String>();
        for (int i = 0; i <= HOPS; i++) {
            names.add(name(random));
            facts.add("\nVAR " + names.get(i) + " = " + (i == 0 ? value : "VAR " + names.get(i - 1)) + ".");
        }
        return prompt(length, random, facts, new Frame(
                "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n",
                "\nQuestion: Find all variables that are assigned the value " + value + " in the text above. "
                        + "Answer: According to the chain(s) of variable assignment in the text above, " + names.size()
                        + " variables are assigned the value " + value + ", they are:"),
                "all variables that hold " + value, String.join(" ", names));
    }

    /// What stands before and after the text.
    private record Frame(String opening, String question) { }

    private FactPrompt prompt(int length, SplittableRandom random, List<String> facts, Frame frame, String asked,
                              String answer) {
        int[] opening = tokenizer.encode(frame.opening());
        int[] question = tokenizer.encode(frame.question());
        List<int[]> hidden = facts.stream().map(tokenizer::encode).toList();
        int room = length - opening.length - question.length - hidden.stream().mapToInt(f -> f.length).sum();
        if (room < facts.size() || room > filler.length) {
            throw new IllegalArgumentException("a prompt of " + length + " tokens leaves " + room
                    + " tokens of text around the facts, wanted " + facts.size() + " to " + filler.length);
        }
        int[] depths = IntStream.generate(() -> random.nextInt(room)).limit(facts.size()).sorted().toArray();
        var tokens = IntStream.builder();
        Arrays.stream(opening).forEach(tokens);
        int from = 0;
        for (int i = 0; i < depths.length; i++) {
            int to = Math.max(from, wordStart(depths[i], room));
            Arrays.stream(filler, from, to).forEach(tokens);
            Arrays.stream(hidden.get(i)).forEach(tokens);
            from = to;
        }
        Arrays.stream(filler, from, room).forEach(tokens);
        Arrays.stream(question).forEach(tokens);
        return new FactPrompt(tokens.build().toArray(), asked, answer);
    }

    /// The first token from `at` on that begins a word: a fact is not put into the middle of one.
    private int wordStart(int at, int end) {
        int start = at;
        while (start < end && !Character.isWhitespace(tokenizer.bytes(filler[start])[0])) {
            start++;
        }
        return start;
    }

    private String word(SplittableRandom random) {
        return words.get(random.nextInt(words.size()));
    }

    private static String name(SplittableRandom random) {
        return random.ints(NAME_LETTERS, 'A', 'Z' + 1).collect(StringBuilder::new,
                StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
