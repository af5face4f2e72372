package seer.gate.prompt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import seer.model.text.Tokenizer;

/// Makes retrieval prompts from a text: facts hidden in it, a question about them, and the right answer.
///
/// The wording is RULER's (arXiv 2404.06654), without a chat template. Needles stand at random tokens of an excerpt
/// that begins at a random token of the text; variable tracking hides its lines among repeated sentences and the
/// word tasks make their own text, as RULER does.
public final class PromptGenerator {
    private final Tokenizer tokenizer;
    private final Needles needles;
    private final Words words;

    /// @param text what needles are hidden in; keys are made of its words
    /// @throws IllegalArgumentException if the text has too few words to make keys of
    public PromptGenerator(Tokenizer tokenizer, String text) {
        this(tokenizer, tokenizer.encodeOrdinary(text), Words.of(text));
    }

    /// @param filler a text already encoded
    public PromptGenerator(Tokenizer tokenizer, int[] filler) {
        this(tokenizer, filler.clone(), Words.of(tokenizer.decode(filler)));
    }

    private PromptGenerator(Tokenizer tokenizer, int[] filler, Words words) {
        this.tokenizer = tokenizer;
        this.words = words;
        this.needles = new Needles(tokenizer, new Filler(tokenizer, filler, true), words);
    }

    /// A prompt, the same whenever the arguments are.
    ///
    /// @param keys   keys, values, queries, hops or words asked for, as the family has them; a single needle has one
    ///               key whatever is said here
    /// @param length tokens of the prompt, the answer and its closing token included
    /// @throws IllegalArgumentException if so many do not fit the length
    public RetrievalPrompt generate(Family family, int keys, int length, long seed) {
        if (keys < 1) {
            throw new IllegalArgumentException("keys is " + keys + ", wanted at least 1");
        }
        var random = new SplittableRandom(seed);
        try {
            return lay(family, task(family, keys, random), length, random);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a " + family + " prompt of " + length + " tokens with " + keys
                    + " keys: " + e.getMessage(), e);
        }
    }

    private Task task(Family family, int keys, SplittableRandom random) {
        return switch (family) {
            case SINGLE -> needles.one(1, random);
            case MULTIKEY -> needles.one(keys, random);
            case MULTIVALUE -> needles.valuesOfOne(keys, random);
            case MULTIQUERY -> needles.queries(keys, random);
            case TRACK -> new Chain(tokenizer).task(keys, random);
            case COMMON_WORDS -> new CommonWords(tokenizer, words).task(keys, random);
            case FREQUENT_WORDS -> new FrequentWords(tokenizer).task(keys, random);
        };
    }

    private RetrievalPrompt lay(Family family, Task task, int length, SplittableRandom random) {
        int[] opening = tokenizer.encodeOrdinary(task.opening());
        int[] question = tokenizer.encodeOrdinary(task.question());
        int[] answer = tokenizer.encodeOrdinary(task.answer());
        int[] closing = tokenizer.encodeOrdinary(task.closing());
        if (closing.length != 1) {
            throw new IllegalArgumentException("the tokenizer makes " + closing.length
                    + " tokens of the text that closes an answer, wanted 1");
        }
        int room = length - opening.length - question.length - answer.length - 1;
        int[] body = task.body().fill(Math.max(0, room), random);
        int[] tokens = Stream.of(opening, body, question, answer, closing).flatMapToInt(Arrays::stream).toArray();
        int start = length - 1 - answer.length;
        return new RetrievalPrompt(family, tokens, start, task.values(), spans(answer, start, task));
    }

    /// The tokens that hold each value: those that share a byte with it.
    private List<int[]> spans(int[] answer, int start, Task task) {
        var ends = new int[answer.length]; // bytes up to and with each token
        for (int t = 0; t < answer.length; t++) {
            ends[t] = (t == 0 ? 0 : ends[t - 1]) + tokenizer.bytes(answer[t]).length;
        }
        var spans = new ArrayList<int[]>();
        int read = 0; // characters of the answer
        for (String value : task.values()) {
            int at = task.answer().indexOf(value, read);
            read = at + value.length();
            int from = bytes(task.answer().substring(0, at));
            int to = bytes(task.answer().substring(0, read));
            int first = (int) Arrays.stream(ends).filter(end -> end <= from).count();
            int last = (int) Arrays.stream(ends).filter(end -> end < to).count();
            spans.add(new int[] {start + first, start + last + 1});
        }
        return List.copyOf(spans);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
