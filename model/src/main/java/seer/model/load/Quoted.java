package seer.model.load;

/// What was found in a file, fit for a sentence: short, and on one line whatever it holds.
public final class Quoted {
    private static final int LONGEST = 60; // characters
    private static final int LONGEST_NAME = 200;

    private Quoted() {
    }

    /// The text, its end left out where it is long, and control characters written as their numbers.
    public static String of(String text) {
        return shortened(text, LONGEST);
    }

    /// The same for the name of a tensor, whose end says which it is: only names that nobody gives are cut.
    public static String name(String name) {
        return shortened(name, LONGEST_NAME);
    }

    private static String shortened(String text, int longest) {
        String shown = text.length() <= longest ? text : text.substring(0, longest) + "...";
        if (shown.chars().noneMatch(Character::isISOControl)) {
            return shown;
        }
        var plain = new StringBuilder();
        for (char c : shown.toCharArray()) {
            if (Character.isISOControl(c)) {
                plain.append(String.format("\\u%04X", (int) c));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
