package seer.style;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What every Java file of the project keeps to. A formatter would reflow the tables in `///` comments, so plain
/// rules over plain lines take its place; a violation is reported as file, line and text.
class StyleTest {

    private static final List<String> MODULES = List.of("tornado-kernels", "model", "gate", "runner", "tests");
    private static final int MAX_LINES = 400;
    private static final int MAX_COLUMNS = 120;
    /// A method has fewer lines than the first, a kernel fewer than the second: what shares registers is one method.
    private static final int METHOD = 50;
    private static final int KERNEL = 100;
    /// Kernels that are longer, the limit of each, and why they cannot be cut.
    private static final Map<String, Integer> LONGER = Map.of(
            // Both products, the softmax between them and all loads share five local arrays, which TornadoVM does not
            // hand to helpers.
            "BlockSparseAttentionTiled.tiled", 177,
            // Scores, of several vectors to a block the best, k-th largest and list share seven local arrays.
            "TopSelection.list", 274,
            // Scores, probabilities and list share five.
            "ThresholdSelection.list", 179,
            // The same by warps.
            "TopSelectionWarps.list", 180,
            "ThresholdSelectionWarps.list", 140,
            // Pooling, map and rotation share three; launched apart they cost more than they compute.
            "GateVectors.fused", 142,
            "TileGateVectors.fused", 152);

    private static final Pattern TYPE = Pattern.compile(
            "^\\s*(?:(?:public|protected|private|abstract|static|final|sealed|non-sealed|strictfp)\\s+)*"
                    + "(?:class|interface|record|enum|@interface)\\s+(\\w+)[\\s<({].*");
    private static final Pattern PUBLIC_TYPE = Pattern.compile("^public\\s.*");
    private static final Pattern EMPTY_NAME = Pattern.compile(".*(?:Impl|Manager|Helper|Utils|Util)");
    private static final Pattern WILDCARD = Pattern.compile("^import\\s.*\\*;.*");
    private static final Pattern UNFINISHED = Pattern.compile(".*\\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b.*");
    private static final Pattern BLOCK_COMMENT = Pattern.compile("\\s*/\\*.*");
    private static final Pattern CHANCE = Pattern.compile(
            ".*(?:new (?:Splittable)?Random\\(\\)|Thread" + "LocalRandom|Math\\.random).*");
    private static final Pattern LAST_DIGITS = Pattern.compile("\\d+$");
    private static final String SMALLEST_POSITIVE = "Float.MIN" + "_VALUE";
    private static final String SUM_OF_LANES = "reduceLanes(VectorOperators." + "ADD";

    private static List<Source> sources;

    /// A file and its lines.
    private record Source(Path path, List<String> lines) {

        static Source read(Path path) {
            try {
                return new Source(path, Files.readAllLines(path));
            } catch (IOException unreadable) {
                throw new AssertionError(path + " cannot be read as UTF-8", unreadable);
            }
        }

        String at(int line) {
            return path + ":" + (line + 1) + ": " + lines.get(line).strip();
        }
    }

    @BeforeAll
    static void readSources() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve(MODULES.getFirst()))) {
            root = root.getParent();
        }
        sources = new ArrayList<>();
        for (String module : MODULES) {
            try (var paths = Files.walk(root.resolve(module))) {
                paths.filter(StyleTest::isSource).sorted().map(Source::read).forEach(sources::add);
            }
        }
        assertFalse(sources.isEmpty(), "no Java file under " + root);
    }

    private static boolean isSource(Path path) {
        String name = path.toString().replace('\\', '/');
        return name.endsWith(".java") && name.contains("/src/") && !name.contains("/target/");
    }

    @Test
    void filesHaveAtMostFourHundredLines() {
        report(sources.stream().filter(source -> source.lines.size() > MAX_LINES)
                .map(source -> source.path + ": " + source.lines.size() + " lines").toList());
    }

    @Test
    void linesHaveAtMostOneHundredAndTwentyColumns() {
        noLine(line -> line.codePointCount(0, line.length()) > MAX_COLUMNS);
    }

    @Test
    void methodsAreShort() throws IOException {
        List<String> longer = new ArrayList<>();
        var excused = new HashSet<>(LONGER.keySet());
        for (Methods.Found method : Methods.of(sources.stream().map(Source::path).toList())) {
            boolean kernel = method.file().toString().replace('\\', '/').contains("/seer/kernels/")
                    || method.owner().endsWith("Kernel");
            int limit = kernel ? KERNEL : METHOD;
            if (kernel && method.lines() >= KERNEL && excused.remove(method.id())) {
                limit = LONGER.get(method.id());
            }
            if (method.lines() >= limit) {
                longer.add(method.file() + ": " + method.name() + " has " + method.lines()
                        + " lines, wanted fewer than " + limit);
            }
        }
        excused.forEach(method -> longer.add(method + " needs no exception any more"));
        report(longer);
    }

    @Test
    void noTabsAndNothingAfterTheLastWord() {
        noLine(line -> line.indexOf('\t') >= 0 || line.endsWith(" "));
    }

    @Test
    void importsNameTheirClass() {
        noLine(line -> WILDCARD.matcher(line).matches());
    }

    @Test
    void nothingIsLeftForLater() {
        noLine(line -> UNFINISHED.matcher(line).matches());
    }

    @Test
    void commentsAreMarkdown() {
        noLine(line -> BLOCK_COMMENT.matcher(line).matches());
    }

    /// A run that fails can be had again.
    @Test
    void whatIsDrawnHasASeed() {
        noLine(line -> CHANCE.matcher(line).matches());
    }

    /// Two types differ in a word. The API's mirror has its names from TornadoVM.
    @Test
    void noTypeIsTheNextNumberOfAnother() {
        var names = new TreeMap<String, Set<String>>();
        for (Source source : sources) {
            for (String line : source.path.toString().contains("uk") ? List.<String>of() : source.lines) {
                var type = TYPE.matcher(line);
                if (type.matches()) {
                    names.computeIfAbsent(LAST_DIGITS.matcher(type.group(1)).replaceFirst(""), _ -> new TreeSet<>())
                            .add(type.group(1));
                }
            }
        }
        report(names.values().stream().filter(alike -> alike.size() > 1).map(Set::toString).toList());
    }

    /// Else they would not run where the simulator is not, or not on a device at all.
    @Test
    void testsOfKernelsRunOnDevices() {
        List<String> wrong = new ArrayList<>();
        for (Source source : sources) {
            boolean kernels = source.path.getFileName().toString().endsWith("KernelsTest.java");
            boolean conformance = source.lines.contains("@Conformance");
            if (kernels && !conformance) {
                wrong.add(source.path + " is no @Conformance test");
            }
            if (conformance && source.lines.stream().anyMatch(StyleTest::namesTheSimulator)) {
                wrong.add(source.path + " names the simulator");
            }
        }
        report(wrong);
    }

    /// By itself, or through what breaks kernels on purpose.
    private static boolean namesTheSimulator(String line) {
        return line.startsWith("import seer.sim.") || line.matches("import (static )?seer\\.kernels\\.Mutations.*");
    }

    /// It is the smallest positive number, never what a running maximum starts at.
    @Test
    void maximaStartAtNegativeInfinity() {
        noLine(line -> line.contains(SMALLEST_POSITIVE));
    }

    /// Before it is compiled it adds in another order than after: no run would repeat to the bit.
    @Test
    void sumsOfLanesAreNotLeftToTheVectorApi() {
        noLine(line -> line.contains(SUM_OF_LANES));
    }

    @Test
    void publicTypesSayWhatTheyAre() {
        List<String> silent = new ArrayList<>();
        for (Source source : sources) {
            for (int line = 0; line < source.lines.size(); line++) {
                String text = source.lines.get(line);
                if (TYPE.matcher(text).matches() && PUBLIC_TYPE.matcher(text).matches()
                        && !isDocumented(source.lines, line)) {
                    silent.add(source.at(line));
                }
            }
        }
        report(silent);
    }

    /// But for the mirror of TornadoVM's API, and the tests, which are named after what they are about.
    @Test
    void everyPackageSaysWhatItIs() {
        report(sources.stream().map(source -> source.path.getParent()).distinct()
                .filter(folder -> folder.toString().replace('\\', '/').contains("/src/main/java/seer"))
                .filter(folder -> !Files.exists(folder.resolve("package-info.java"))).map(Path::toString).toList());
    }

    @Test
    void importsAreUsed() {
        var imported = Pattern.compile("import (?:static )?[\\w.]+\\.(\\w+);");
        List<String> wrong = new ArrayList<>();
        for (Source source : sources) {
            for (String line : source.lines) {
                var name = imported.matcher(line);
                if (name.matches() && source.lines.stream().filter(other -> !other.equals(line))
                        .noneMatch(Pattern.compile("\\b" + name.group(1) + "\\b").asPredicate())) {
                    wrong.add(source.path + ": " + line);
                }
            }
        }
        report(wrong);
    }

    /// Whether one may build on a package is said in it.
    @Test
    void everyPackageIsApiOrInternal() {
        report(sources.stream().filter(source -> source.path.endsWith("package-info.java"))
                .filter(source -> source.lines.stream().anyMatch(line -> line.startsWith("package seer")))
                .filter(source -> source.lines.stream().filter(line -> line.startsWith("/// **API**: ")
                        || line.startsWith("/// **Internal**: ")).count() != 1)
                .map(source -> source.path + " is neither API nor internal").toList());
    }

    @Test
    void typesAreNamedAfterWhatTheyAre() {
        noLine(line -> {
            var type = TYPE.matcher(line);
            return type.matches() && EMPTY_NAME.matcher(type.group(1)).matches();
        });
    }

    /// Only annotations, on one line or on several, stand between a type and its comment.
    private static boolean isDocumented(List<String> lines, int type) {
        for (int line = type - 1; line >= 0; line--) {
            String text = lines.get(line).strip();
            if (text.startsWith("///")) {
                return true;
            }
            if (text.isEmpty() || text.endsWith(";") || text.equals("}")) {
                return false;
            }
        }
        return false;
    }

    private static void noLine(Predicate<String> wrong) {
        List<String> found = new ArrayList<>();
        for (Source source : sources) {
            for (int line = 0; line < source.lines.size(); line++) {
                if (wrong.test(source.lines.get(line))) {
                    found.add(source.at(line));
                }
            }
        }
        report(found);
    }

    private static void report(List<String> violations) {
        if (!violations.isEmpty()) {
            fail(violations.size() + " times:\n" + String.join("\n", violations));
        }
    }
}
