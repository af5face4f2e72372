package seer.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What documents name exists: files, sections, tests, classes, settings of TornadoVM.
class DocumentsTest {
    private static final Pattern CLASS = Pattern.compile(
            "`([A-Z][a-z][a-zA-Z0-9]*[A-Z][a-zA-Z0-9]*(?:[.#][a-z]\\w*)?)(?=[`.(#, ])");
    private static final Pattern SECTION = Pattern.compile("(docs/\\w+\\.md,\\s+section \"?[^;.)\"]+)");
    private static final Pattern CHAPTER = Pattern.compile("(docs/\\w+\\.md,\\s+chapters?\\s+\\d+(?: to \\d+)?)");
    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|record|enum|interface) (\\w+)");
    /// Names between backticks that are other projects'.
    private static final Set<String> FOREIGN = Set.of("AutoModel", "AutoModelForCausalLM", "BertNormalizer",
            "ByteFallback", "ChatModel", "DataFrame", "GraalError", "MiniDFSCluster", "SparkContext",
            "StreamingChatModel", "StripAccents", "TemplateProcessing", "TornadoInternalError", "VmRSS", "WordLevel",
            "WordPiece");

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
                .map(line -> anchor(line.replaceFirst("#+ ", ""))).toList();
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
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

    /// Classes of ours between backticks, and behind a dot what they have: `BlockMask`, `Backend.gradients`.
    @Test
    void classesThatAreNamedExistAndHaveWhatIsNamed() throws IOException {
        var sources = sources();
        assertEquals(List.of(), wrong(CLASS, (document, name) -> {
            String[] parts = name.split("[.#]");
            String source = sources.get(parts[0]);
            return FOREIGN.contains(parts[0]) || source != null && (parts.length == 1 || parts[1].equals("java")
                    || Pattern.compile("\\b" + parts[1] + "\\b").matcher(source).find());
        }));
    }

    /// The files in which a type of a name is declared, one after the other.
    private static Map<String, String> sources() throws IOException {
        var sources = new HashMap<String, String>();
        for (String module : List.of("gate", "model", "runner", "tests", "tornado-kernels")) {
            try (Stream<Path> files = Files.walk(Path.of(module))) {
                for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    String text = Files.readString(file);
                    DECLARED.matcher(text).results()
                            .forEach(type -> sources.merge(type.group(1), text, String::concat));
                }
            }
        }
        assertTrue(sources.size() > 500, "types: " + sources.size());
        return sources;
    }

    @Test
    void sectionsThatAreNamedExist() throws IOException {
        assertEquals(List.of(), wrong(SECTION, (document, place) -> {
            String[] parts = place.split(",\\s+section \"?", 2);
            String wanted = anchor(parts[1].replaceAll("\\s+", " "));
            return headings(Path.of(parts[0])).stream().anyMatch(each -> each.startsWith(wanted));
        }));
        assertEquals(List.of(), wrong(CHAPTER, (document, place) -> {
            var headings = headings(Path.of(place.replaceFirst("(?s),.*", "")));
            return Pattern.compile("\\d+").matcher(place).results().allMatch(number ->
                    headings.stream().anyMatch(each -> each.startsWith(number.group() + "-")));
        }));
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
