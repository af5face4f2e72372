package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Nothing that a command printed is lost in silence.
class StandardOutputTest {
    private static final String LOST = "seer: standard output could not be written to its end: ";

    /// Fails after so many bytes.
    private static final class Full extends OutputStream {
        private final int room;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        Full(int room) {
            this.room = room;
        }

        @Override
        public void write(int single) throws IOException {
            if (taken.size() == room) {
                throw new IOException("No space left on device");
            }
            taken.write(single);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "eval table --help", "devices", "devices --json", "",
        "perplexity --text demo-model/thursday.txt --window 64 --windows 1 --select dense --json",
        "prefill --text demo-model/thursday.txt --tokens 64 --new-tokens 2 --select dense --no-warm-up",
        "eval perplexity --lengths 64 --windows 1 --select dense --format csv"})
    void everyCommandFailsWhereStandardOutputIsFull(String line) {
        var err = new StringWriter();
        var full = new Full(20);
        int code = Main.run(line.isEmpty() ? new String[0] : line.split(" "), StandardOutput.of(full),
                new PrintWriter(err, true));
        assertEquals(line.isEmpty() ? 2 : 1, code, err.toString());
        assertTrue(err.toString().endsWith(LOST + "No space left on device\n"), err.toString());
        assertEquals(20, full.taken.size(), "a beginning without gaps");
    }

    @Test
    void whatIsWrittenWholeIsNoComplaint() {
        var bytes = new ByteArrayOutputStream();
        var out = StandardOutput.of(bytes);
        out.print("no new line");
        assertNull(StandardOutput.complaint(out));
        assertEquals("no new line", bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void anAnswerThatNobodyReadsIsNotGeneratedToItsEnd() {
        var err = new StringWriter();
        int code = Main.run(("prefill --text demo-model/thursday.txt --tokens 64 --new-tokens 2147483647 --select dense"
                + " --no-warm-up").split(" "), StandardOutput.of(new Full(0)), new PrintWriter(err, true));
        assertEquals(1, code);
        assertEquals(1, err.toString().lines().filter(line -> line.startsWith("seer: standard")).count(),
                err.toString());
    }

    @Test
    void theShownCommandIsNotLostEither() throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        var process = new ProcessBuilder("sh", "-c", "bin/seer --show-command devices --backend cpu >/dev/full")
                .start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor());
        assertEquals("seer: standard output could not be written to its end.\n", said);
    }

    /// As a user meets it: a full disk, a closed descriptor, a reader that went away.
    @ParameterizedTest
    @CsvSource({">/dev/full, No space left on device", ">&-, Bad file descriptor", "| true, Broken pipe"})
    void theLauncherSaysWhyAndFails(String redirection, String reason) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        boolean pipe = redirection.startsWith("|");
        String command = pipe ? "{ sleep 1; bin/seer --help; echo code $? >&2; } | true"
                : "bin/seer --help " + redirection + "; echo code $? >&2";
        var process = new ProcessBuilder(List.of("sh", "-c", command)).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertTrue(said.contains(LOST + reason) && said.contains("code 1"), said);
        assertFalse(said.contains("\tat "), said);
    }
}
