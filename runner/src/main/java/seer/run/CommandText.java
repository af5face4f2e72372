package seer.run;

import java.util.Optional;

/// The words of the command line, as the JVM decoded them: by the locale, and with U+FFFD in silence where bytes do not
/// fit. bin/seer chooses a locale that is UTF-8; what is left are other starts and other bytes.
final class CommandText {
    private static final int UNREADABLE = 0xFFFD;

    private CommandText() { }

    /// Which word was not read as UTF-8, in a sentence; empty where all were.
    ///
    /// @param encoding in which the JVM read them
    static Optional<String> problem(String[] words, String encoding) {
        boolean utf8 = encoding.equalsIgnoreCase("UTF-8");
        for (int i = 0; i < words.length; i++) {
            if (words[i].chars().anyMatch(letter -> utf8 ? letter == UNREADABLE : letter > 127)) {
                return Optional.of("word " + (i + 1) + " of the command line was read as \"" + words[i] + "\": wanted "
                        + "UTF-8, " + (utf8 ? "got other bytes" : "this JVM reads " + encoding + "; start it with "
                        + "bin/seer, or with LC_ALL=C.UTF-8"));
            }
        }
        return Optional.empty();
    }
}
