package seer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.ResultsFile;

/// The launcher as a user starts it; what it prints is kept. Times are measured, not judged.
@Tag("slow")
class LauncherTest {
    @TempDir
    private Path folder;

    private String seer(String... arguments) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors.txt");
        var command = Stream.concat(Stream.of("bin/seer"), Stream.of(arguments)).toList();
        var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), Files.readString(errors));
        assertEquals("", Files.readString(errors));
        return printed;
    }

    @Test
    void theBenchMeasuresItsRatios() throws IOException, InterruptedException {
        String printed = seer("bench", "--backend", "cpu");
        ResultsFile.replace("bench", "```text\n" + printed.stripTrailing() + "\n```");
        for (String part : List.of("multiply-add rate", "times faster than dense", "of the sparse attention's time")) {
            assertTrue(printed.contains(part), printed);
        }
    }

    @Test
    void theDemoFindsItsFacts() throws IOException, InterruptedException {
        String printed = seer("demo", "--backend", "cpu", "--picture", folder.resolve("masks.png").toString());
        ResultsFile.replace("demo", "```text\n" + printed.replaceAll("true attention: .*", "true attention: a PNG")
                .replace(folder.toString(), "").stripTrailing() + "\n```");
        long right = printed.lines().filter(line -> line.matches(" *(dense|gate:).* (\\d{7}) +\\2 *")).count();
        assertEquals(4, right, printed);
        assertTrue(printed.contains("gates demo-model/gate of"), printed);
        assertTrue(Files.size(folder.resolve("masks.png")) > 10_000);
    }
}
