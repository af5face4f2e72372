package seer.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The form that all kernel files share, so that one can be read beside another.
class KernelFilesTest {
    private static final List<String> SECTIONS = List.of("/// ## Shapes", "/// ## Tile", "/// ## Formula",
            "/// ## Cost", "/// ## Versions");
    private static final Pattern METHOD = Pattern.compile(
            "    (?:public |private )?static (?!final )[\\w.\\[\\]<>]+ (\\w+)\\(.*");
    private static final Pattern ELSEWHERE = Pattern.compile("(?m)^///   references?: \\[(\\w+)#(\\w+)\\]");
    private static final Pattern BARE = Pattern.compile("p\\.get\\((\\d+)\\)");
    private static final Pattern TWIN =
            Pattern.compile("(?s) *// -- twin: ([\\w ]+) --\n(.*?) *// -- end of the twin --");
    /// So many places of `p` may be known by their number.
    private static final int FEW = 5;

    private static final Map<Path, String> files = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("tornado-kernels"))) {
            root = root.getParent();
        }
        try (var paths = Files.walk(root.resolve("tornado-kernels/src/main/java/seer/kernels"))) {
            for (Path path : paths.filter(file -> file.toString().endsWith(".java")).toList()) {
                files.put(path, Files.readString(path));
            }
        }
        assertTrue(files.size() > 20, "files: " + files.size());
    }

    private static List<Path> kernels() {
        return classes().stream().filter(path -> files.get(path).contains("(KernelContext context")).toList();
    }

    private static List<Path> classes() {
        return files.keySet().stream().filter(path -> !path.endsWith("package-info.java")).toList();
    }

    @Test
    void theCommentHasFiveSections() {
        for (Path path : kernels()) {
            assertEquals(SECTIONS, files.get(path).lines().filter(line -> line.startsWith("/// ## ")).toList(),
                    path.toString());
        }
    }

    /// The oracle is what a reader meets first, and what a rung is held against. A rung in a file of its own names the
    /// oracle in another one.
    @Test
    void theFirstMethodIsTheReference() {
        for (Path path : kernels()) {
            var elsewhere = ELSEWHERE.matcher(files.get(path));
            String first = files.get(path).lines().map(METHOD::matcher).filter(line -> line.matches())
                    .map(line -> line.group(1)).findFirst().orElse("");
            if (first.equals("reference") || !elsewhere.find()) {
                assertEquals("reference", first, path.toString());
            } else {
                assertTrue(classes().stream().anyMatch(other -> other.endsWith(elsewhere.group(1) + ".java")
                                && files.get(other).contains(" " + elsewhere.group(2) + "(")),
                        path + " names an oracle that is not there: " + elsewhere.group());
            }
        }
    }

    @Test
    void manyPlacesHaveNames() {
        for (Path path : classes()) {
            var bare = new HashSet<String>();
            BARE.matcher(files.get(path)).results().forEach(place -> bare.add(place.group(1)));
            assertTrue(bare.size() <= FEW, path + " knows places of p by their numbers " + bare);
        }
    }

    /// Where local arrays are shared, the same lines stand in several kernels: a change of one is a change of all.
    @Test
    void twinsAreEqual() {
        Map<String, List<String>> twins = new HashMap<>();
        files.values().forEach(text -> TWIN.matcher(text).results().forEach(region ->
                twins.computeIfAbsent(region.group(1), name -> new ArrayList<>()).add(region.group(2))));
        assertFalse(twins.isEmpty(), "no twins were found");
        twins.forEach((name, regions) -> {
            assertTrue(regions.size() > 1, "one region alone is named " + name);
            regions.forEach(region -> assertEquals(regions.getFirst(), region, "twins named " + name));
        });
    }

    @Test
    void everyPackageSaysWhatItHolds() {
        for (Path path : classes()) {
            assertTrue(files.containsKey(path.resolveSibling("package-info.java")), path.toString());
        }
    }
}
