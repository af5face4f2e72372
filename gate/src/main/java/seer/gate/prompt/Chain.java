package seer.gate.prompt;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import seer.model.text.Tokenizer;

/// A value handed from variable to variable among repeated sentences: RULER's variable tracking (arXiv 2404.06654,
/// section 3.2), in its words.
record Chain(Tokenizer tokenizer) {
    /// The sentences that RULER repeats.
    private static final String NOISE =
            "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n";
    private static final int NAME_LETTERS = 5;
    private static final int LOWEST = 10_000;
    private static final int HIGHEST = 99_999;

    /// One variable that gets the value and `hops` more that get it from the one before.
    Task task(int hops, SplittableRandom random) {
        String value = Integer.toString(random.nextInt(LOWEST, HIGHEST + 1));
        List<String> names = names(hops + 1, random);
        var facts = new ArrayList<int[]>();
        for (int i = 0; i < names.size(); i++) {
            facts.add(tokenizer.encodeOrdinary("\nVAR " + names.get(i) + " = "
                    + (i == 0 ? value : "VAR " + names.get(i - 1)) + "."));
        }
        var noise = new Filler(tokenizer, tokenizer.encodeOrdinary(NOISE), false);
        return new Task("Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n",
                new HiddenFacts(noise, facts),
                "\nQuestion: Find all variables that are assigned the value " + value + " in the text above. Answer: "
                        + "According to the chain(s) of variable assignment in the text above, " + names.size()
                        + " variables are assigned the value " + value + ", they are:",
                " " + String.join(" ", names), names, "\n");
    }

    private static List<String> names(int count, SplittableRandom random) {
        var names = new LinkedHashSet<String>();
        while (names.size() < count) {
            var name = new StringBuilder();
            random.ints(NAME_LETTERS, 'A', 'Z' + 1).forEach(name::appendCodePoint);
            names.add(name.toString());
        }
        return List.copyOf(names);
    }
}
