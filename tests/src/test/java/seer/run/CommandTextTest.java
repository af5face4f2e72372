package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Words that a JVM could not read as UTF-8 are refused, not taken for others.
class CommandTextTest {

    @Test
    void allOfUnicodePasses() {
        assertEquals(Optional.empty(), CommandText.problem(new String[] {"Où", "中文", "🙂", ""}, "UTF-8"));
        assertEquals(Optional.empty(), CommandText.problem(new String[] {"plain", "~\t"}, "ANSI_X3.4-1968"));
    }

    @ParameterizedTest
    @CsvSource({"O\uFFFD, UTF-8, got other bytes", "O\uFFFD\uFFFD, ANSI_X3.4-1968, this JVM reads ANSI_X3.4-1968",
        "OÃ¹, ISO-8859-1, this JVM reads ISO-8859-1; start it with bin/seer"})
    void whatCouldNotBeReadIsNamed(String word, String encoding, String sentence) {
        String problem = CommandText.problem(new String[] {"prefill", "--question", word}, encoding).orElseThrow();
        assertTrue(problem.startsWith("word 3 of the command line was read as \"" + word + "\": wanted UTF-8"),
                problem);
        assertTrue(problem.contains(sentence), problem);
        assertEquals(1, problem.lines().count());
    }
}
