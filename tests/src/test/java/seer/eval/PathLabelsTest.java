package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What files and folders are called in tables.
class PathLabelsTest {
    @TempDir
    private Path folder;

    private static List<String> labels(String... paths) {
        return PathLabels.of("--text", Stream.of(paths).map(Path::of).toList());
    }

    @Test
    void theLastNameIsEnoughWhereItIsTheOnlyOne() {
        assertEquals(List.of("a.txt", "b.txt"), labels("x/a.txt", "/y/b.txt"));
        assertEquals(List.of("-"), labels("-"));
        assertEquals(List.of(), labels());
    }

    @Test
    void sameNamesShowAsMuchOfTheirPathsAsTellsThemApart() {
        assertEquals(List.of("a/1.txt", "b/1.txt", "2.txt"), labels("a/1.txt", "b/1.txt", "c/2.txt"));
        assertEquals(List.of("x/a/1.txt", "y/a/1.txt", "b/1.txt"), labels("x/a/1.txt", "y/a/1.txt", "y/b/1.txt"));
        assertEquals(List.of("/1.txt", "1.txt"), labels("/1.txt", "/a/1.txt"));
        assertEquals(3, labels("/a/1.txt", "/b/a/1.txt", "/c/b/a/1.txt").stream().distinct().count());
    }

    @Test
    void theSameFileTwiceIsRefusedHoweverItIsWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "text");
        Path link = Files.createSymbolicLink(folder.resolve("b.txt"), file);
        Path round = folder.resolve("x/../a.txt");
        for (Path other : List.of(file, link, round)) {
            var e = assertThrows(IllegalArgumentException.class, () -> PathLabels.of("--text", List.of(file, other)));
            assertTrue(e.getMessage().startsWith("--text has the same twice: " + file), e.getMessage());
        }
        Path copy = Files.writeString(folder.resolve("c.txt"), "text");
        assertEquals(List.of("a.txt", "c.txt"), PathLabels.of("--text", List.of(file, copy)), "a copy is another file");
    }
}
