package seer.gate.prompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import seer.model.text.Tokenizer;

/// Magic numbers hidden in a text: RULER's needle tasks (arXiv 2404.06654, section 3.1), in its words.
record Needles(Tokenizer tokenizer, Filler filler, Words words) {
    private static final int LOWEST = 1_000_000;
    private static final int HIGHEST = 9_999_999;

    /// One number asked for, `keys` keys in the text.
    Task one(int keys, SplittableRandom random) {
        var names = words.keys(keys, random);
        var numbers = numbers(keys, random);
        int asked = random.nextInt(keys);
        String subject = "special magic number for " + names.get(asked) + " mentioned in the provided text";
        return new Task("A special magic number is hidden within the following text. Make sure to memorize it. "
                + "I will quiz you about the number afterwards.\n",
                hidden(names, numbers),
                "\nWhat is the " + subject + "? The " + subject + " is",
                " " + numbers.get(asked), List.of(numbers.get(asked)), ".");
    }

    /// Every number of one key asked for; the answer gives them in the order of the text.
    Task valuesOfOne(int values, SplittableRandom random) {
        var name = words.keys(1, random);
        var numbers = numbers(values, random);
        return all(name, numbers, hidden(Collections.nCopies(values, name.getFirst()), numbers));
    }

    /// Every key asked for, in another order than that of the text.
    Task queries(int keys, SplittableRandom random) {
        var names = words.keys(keys, random);
        var numbers = numbers(keys, random);
        var order = new ArrayList<Integer>();
        for (int i = 0; i < keys; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(random.nextLong()));
        return all(names, numbers, hidden(order.stream().map(names::get).toList(),
                order.stream().map(numbers::get).toList()));
    }

    private Task all(List<String> names, List<String> numbers, Task.Body body) {
        String subject = "special magic numbers for " + listed(names) + " mentioned in the provided text";
        return new Task("Some special magic numbers are hidden within the following text. Make sure to memorize it. "
                + "I will quiz you about the numbers afterwards.\n",
                body,
                "\nWhat are all the " + subject + "? The " + subject + " are",
                " " + listed(numbers), numbers, ".");
    }

    private HiddenFacts hidden(List<String> names, List<String> numbers) {
        var facts = new ArrayList<int[]>();
        for (int i = 0; i < names.size(); i++) {
            facts.add(tokenizer.encodeOrdinary(" One of the special magic numbers for " + names.get(i) + " is: "
                    + numbers.get(i) + "."));
        }
        return new HiddenFacts(filler, facts);
    }

    /// `a`, then `a, and b`, then `a, b, and c`: RULER puts the comma everywhere.
    private static String listed(List<String> parts) {
        int last = parts.size() - 1;
        return last == 0 ? parts.getFirst()
                : String.join(", ", parts.subList(0, last)) + ", and " + parts.get(last);
    }

    private static List<String> numbers(int count, SplittableRandom random) {
        var numbers = new LinkedHashSet<String>();
        while (numbers.size() < count) {
            numbers.add(Integer.toString(random.nextInt(LOWEST, HIGHEST + 1)));
        }
        return List.copyOf(numbers);
    }
}
