package seer.gate.prompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import seer.model.text.Tokenizer;

/// A numbered list of words, some of which come again and again: RULER's common words extraction (arXiv 2404.06654,
/// section 3.3), in its words, without its worked example.
///
/// The list consists of shuffled rounds: each common word once and twice as many others, every one of which comes
/// once in the whole list until the text's words are used up and then begins anew.
record CommonWords(Tokenizer tokenizer, Words words) {
    private static final int OTHERS_PER_COMMON = 2;
    /// A common word must come oftener than any other, whole rounds counted.
    private static final int FEWEST_ROUNDS = 2;

    Task task(int count, SplittableRandom random) {
        var shuffled = words.some(words.all().size(), random);
        if (shuffled.size() < count * (1 + OTHERS_PER_COMMON)) {
            throw new IllegalArgumentException("the text has " + shuffled.size() + " words, wanted at least "
                    + count * (1 + OTHERS_PER_COMMON) + " for " + count + " common ones among others");
        }
        var common = shuffled.subList(0, count);
        var others = shuffled.subList(count, shuffled.size());
        String answer = IntStream.range(0, count).mapToObj(i -> " " + (i + 1) + ". " + common.get(i))
                .collect(Collectors.joining());
        return new Task("Below is a numbered list of words. In these words, some appear more often than others. "
                + "Memorize the ones that appear most often.\n",
                (room, draws) -> list(common, others, room, draws),
                "\nQuestion: What are the " + count + " most common words in the above list? Answer: The top " + count
                        + " words that appear most often in the list are:",
                answer, List.copyOf(common), "\n");
    }

    private int[] list(List<String> common, List<String> others, int room, SplittableRandom random) {
        var list = IntStream.builder();
        int written = 0;
        int number = 1;
        int next = 0;
        int rounds = 0;
        while (true) {
            var round = new ArrayList<>(common);
            for (int i = 0; i < OTHERS_PER_COMMON * common.size(); i++) {
                round.add(others.get(next++ % others.size()));
            }
            Collections.shuffle(round, new Random(random.nextLong()));
            for (String word : round) {
                int[] entry = tokenizer.encodeOrdinary((number == 1 ? "" : " ") + number + ". " + word);
                number++;
                for (int token : entry) {
                    if (written == room) {
                        return checked(list.build().toArray(), rounds, next / others.size(), common.size());
                    }
                    list.add(token);
                    written++;
                }
            }
            rounds++;
        }
    }

    private static int[] checked(int[] list, int rounds, int repeats, int common) {
        if (rounds < FEWEST_ROUNDS + repeats) {
            int wanted = list.length * (FEWEST_ROUNDS + 1 + repeats) / Math.max(1, rounds);
            throw Task.noRoom(list.length, wanted, common + " common words among others");
        }
        return list;
    }
}
