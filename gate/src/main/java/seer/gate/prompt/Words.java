package seer.gate.prompt;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// The words of a text that keys are made of: four to nine lower-case letters.
record Words(List<String> all) {
    /// The fewest that make prompts which differ.
    static final int FEWEST = 16;

    private static final Pattern WORD = Pattern.compile("(?<![A-Za-z])[a-z]{4,9}(?![A-Za-z])");

    /// @throws IllegalArgumentException if the text has too few
    static Words of(String text) {
        var found = new LinkedHashSet<String>();
        var matcher = WORD.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        if (found.size() < FEWEST) {
            throw new IllegalArgumentException("the text has " + found.size()
                    + " different words of 4 to 9 lower-case letters, wanted at least " + FEWEST + " to make keys of");
        }
        return new Words(List.copyOf(found));
    }

    String any(SplittableRandom random) {
        return all.get(random.nextInt(all.size()));
    }

    /// Keys like `damp-despised`, all different.
    List<String> keys(int count, SplittableRandom random) {
        if (count > all.size() * (long) all.size() / 2) {
            throw new IllegalArgumentException(count + " keys are wanted and the text has " + all.size()
                    + " words to make them of");
        }
        var keys = new LinkedHashSet<String>();
        while (keys.size() < count) {
            keys.add(any(random) + "-" + any(random));
        }
        return List.copyOf(keys);
    }

    /// Different words.
    List<String> some(int count, SplittableRandom random) {
        if (count > all.size()) {
            throw new IllegalArgumentException(count + " different words are wanted and the text has " + all.size());
        }
        var left = new ArrayList<>(all);
        for (int i = 0; i < count; i++) {
            int at = i + random.nextInt(left.size() - i);
            left.set(i, left.set(at, left.get(i)));
        }
        return List.copyOf(left.subList(0, count));
    }
}
