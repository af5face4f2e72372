package seer.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What documents name exists: files, tests, settings of TornadoVM.
class DocumentsTest {

    private static List<Path> documents;

    @BeforeAll
    static void find() throws IOException {
        documents = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md"), Path.of("CHANGELOG.md"),
                Path.of("demo-model/README.md")));
        try (var docs = Files.list(Path.of("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        assertTrue(documents.size() > 8, documents.toString());
    }

    /// All places in documents where a pattern is found and its first group is wrong.
    private static List<String> wrong(Pattern pattern, Judge isRight) throws IOException {
        var found = new ArrayList<String>();
        int seen = 0;
        for (Path document : documents) {
            var match = pattern.matcher(Files.readString(document));
            while (match.find()) {
                seen++;
                if (!isRight.test(document, match.group(1))) {
                    found.add(document + ": " + match.group());
                }
            }
        }
        assertTrue(seen > 0, "nothing like " + pattern);
        return found;
    }

    private interface Judge {
        boolean test(Path document, String found) throws IOException;
    }

    @Test
    void linksLeadToFiles() throws IOException {
        assertEquals(List.of(), wrong(Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)"),
                (document, link) -> Files.exists(document.resolveSibling(link))));
    }

    @Test
    void linksLeadToHeadings() throws IOException {
        assertEquals(List.of(), wrong(Pattern.compile("\\]\\(([^)#:\\s]*#[^)\\s]+)\\)"), (document, link) -> {
            int hash = link.indexOf('#');
            Path target = hash == 0 ? document : document.resolveSibling(link.substring(0, hash));
            return headings(target).contains(link.substring(hash + 1));
        }));
    }

    /// Names of the sections of a document, as GitHub makes them of their headings.
    private static List<String> headings(Path document) throws IOException {
        return Files.readAllLines(document).stream().filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-')).toList();
    }

    @Test
    void testsThatAreNamedExist() throws IOException {
        List<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("tests/src/test/java"))) {
            tests = files.map(file -> file.getFileName().toString()).toList();
        }
        var word = Pattern.compile("\\b([A-Z]\\w*Test)\\b");
        assertEquals(List.of(), wrong(word, (document, name) -> name.equals("NameTest") || tests.contains(name
                + ".java")));
    }

    /// What TornadoVM calls them; it ignores in silence what it does not know.
    @Test
    void settingsOfTornadoVmAreSpeltAsItReadsThem() throws IOException {
        var known = List.of("tornado.printKernel", "tornado.recover.bailout", "tornado.device.memory", "tornado.home",
                "tornado.cuda.compiler.flags", "tornado.cuda.host.pinning", "tornado.max.events");
        assertEquals(List.of(), wrong(Pattern.compile("-D(tornado\\.[\\w.]*\\w)"), (document, name) ->
                known.contains(name)));
    }

    @Test
    void nothingStandsBehindTheLastWordOfALine() throws IOException {
        for (Path document : documents) {
            assertEquals(List.of(), Files.readAllLines(document).stream()
                    .filter(line -> line.matches(".*[ \\t]")).toList(), document.toString());
        }
    }
}
