package seer.gate.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import seer.model.text.Tokenizer;

/// Made-up words whose frequencies fall with the square of their rank: RULER's frequent words extraction
/// (arXiv 2404.06654, section 3.3), in its words.
///
/// The commonest "word" is a row of dots that is to be ignored; dots also fill what is left at the end.
record FrequentWords(Tokenizer tokenizer) {
    private static final String DOTS = " ....";
    private static final int VOCABULARY = 200;
    private static final int LETTERS = 6;
    private static final List<String> NAMES = List.of("zero", "one", "two", "three", "four", "five", "six", "seven",
            "eight", "nine", "ten");

    Task task(int count, SplittableRandom random) {
        if (count >= VOCABULARY) {
            throw new IllegalArgumentException(count + " frequent words are wanted, at most " + (VOCABULARY - 1)
                    + " can be asked for");
        }
        var vocabulary = vocabulary(random);
        var top = vocabulary.subList(0, count);
        String many = count < NAMES.size() ? NAMES.get(count) : Integer.toString(count);
        return new Task("Read the following coded text and track the frequency of each coded word. Find the " + many
                + " most frequently appeared coded words.",
                (room, draws) -> text(vocabulary, count, room, draws),
                "\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What are the " + many
                        + " most frequently appeared words in the above coded text? Answer: According to the coded "
                        + "text above, the " + many + " most frequently appeared words are:",
                " " + String.join(" ", top), top, "\n");
    }

    private int[] text(List<String> vocabulary, int top, int room, SplittableRandom random) {
        var ranked = new ArrayList<int[]>(List.of(tokenizer.encodeOrdinary(DOTS)));
        vocabulary.forEach(word -> ranked.add(tokenizer.encodeOrdinary(" " + word)));
        int[] counts = counts(ranked, top, room);
        var words = new ArrayList<int[]>();
        for (int rank = 0; rank < counts.length; rank++) {
            words.addAll(Collections.nCopies(counts[rank], ranked.get(rank)));
        }
        Collections.shuffle(words, new Random(random.nextLong()));
        int[] text = words.stream().flatMapToInt(Arrays::stream).toArray();
        int[] dots = ranked.getFirst();
        int[] filled = Arrays.copyOf(text, room);
        for (int i = text.length; i < room; i++) {
            filled[i] = dots[(i - text.length) % dots.length];
        }
        return filled;
    }

    /// Occurrences by rank, for as many words as fit.
    private static int[] counts(List<int[]> ranked, int top, int room) {
        int low = 0;
        int high = room; // words; more than one to a token do not fit
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (tokens(counts(middle, ranked.size(), top), ranked) <= room) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        int[] counts = counts(low, ranked.size(), top);
        int taken = tokens(counts, ranked);
        if (taken > room) {
            throw Task.noRoom(room, taken, top + " words of different frequencies");
        }
        return counts;
    }

    /// Zipf's frequencies of about `words` words, those asked for and the one after all different.
    private static int[] counts(int words, int ranks, int top) {
        double sum = 0;
        for (int rank = 1; rank <= ranks; rank++) {
            sum += 1.0 / rank / rank;
        }
        var counts = new int[ranks];
        for (int rank = ranks; rank >= 1; rank--) {
            counts[rank - 1] = (int) Math.round(words / sum / rank / rank);
            if (rank <= top + 1) {
                counts[rank - 1] = Math.max(counts[rank - 1], counts[rank] + 1);
            }
        }
        return counts;
    }

    private static int tokens(int[] counts, List<int[]> ranked) {
        int sum = 0;
        for (int rank = 0; rank < counts.length; rank++) {
            sum += counts[rank] * ranked.get(rank).length;
        }
        return sum;
    }

    private static List<String> vocabulary(SplittableRandom random) {
        var words = new LinkedHashSet<String>();
        while (words.size() < VOCABULARY) {
            var word = new StringBuilder();
            random.ints(LETTERS, 'a', 'z' + 1).forEach(word::appendCodePoint);
            words.add(word.toString());
        }
        return List.copyOf(words);
    }
}
