package seer.support;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import seer.support.Mutants.Mutant;

/// What a reader of files owes to whatever it is given: it reads it, or refuses it with an exception of its own kind
/// and one sentence that names the file, in a reasonable time.
///
/// ```java
/// Answers.of(MalformedModelException.class).to(Mutants.ofJson(json, 7, 300), file, JsonFile::read);
/// ```
public final class Answers {
    /// What slips out of a library or the JVM: names of classes and messages that nobody wrote for a reader.
    private static final Pattern RAW = Pattern.compile("\\b(?:java|com|org)\\.[a-z]+\\.|\\w(?:Exception|Error)\\b"
            + "|Input length|out of bounds|For input string|^null");
    private static final int LONGEST = 1000;
    /// Seconds that the answer to one file may take, on a busy machine.
    private static final int PATIENCE = 20;

    private final List<Class<?>> kinds;
    private final int patience;

    private Answers(List<Class<?>> kinds, int patience) {
        this.kinds = kinds;
        this.patience = patience;
    }

    /// Answers that are exceptions of these kinds, or none.
    public static Answers of(Class<?>... kinds) {
        return new Answers(List.of(kinds), PATIENCE);
    }

    /// The same within so many seconds.
    Answers within(int seconds) {
        return new Answers(kinds, seconds);
    }

    /// What one mutant was answered with, in as far as it is not as it should be.
    private record Fault(String kind, String label, String message) {
    }

    /// How all copies were answered.
    ///
    /// @param slowest milliseconds of the longest answer
    public record Tally(int copies, int refused, double slowest) { }

    /// The claim that `reader` has an answer to every mutant, put in place of `file`.
    ///
    /// @return how many were refused
    public int to(Stream<Mutant> mutants, Path file, Consumer<Path> reader) {
        return tally(mutants, file, reader).refused();
    }

    /// The same claim.
    public Tally tally(Stream<Mutant> mutants, Path file, Consumer<Path> reader) {
        var faults = new TreeMap<String, List<Fault>>();
        var counts = new int[2];
        var slowest = new double[1];
        try (var desk = new ReadingDesk(reader, patience)) {
            mutants.forEach(mutant -> {
                write(file, mutant.bytes());
                long start = System.nanoTime();
                Throwable e = desk.read(file);
                slowest[0] = Math.max(slowest[0], (System.nanoTime() - start) * 1e-6);
                counts[0]++;
                if (e != null) {
                    counts[1]++;
                    String fault = problem(e, file);
                    if (fault != null) {
                        add(faults, new Fault(fault, mutant.label(), e.toString()));
                    }
                }
            });
        }
        if (!faults.isEmpty()) {
            fail(report(faults));
        }
        return new Tally(counts[0], counts[1], slowest[0]);
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void add(TreeMap<String, List<Fault>> faults, Fault fault) {
        faults.computeIfAbsent(fault.kind, _ -> new ArrayList<>()).add(fault);
    }

    /// What is wrong with an answer, or null.
    private String problem(Throwable e, Path file) {
        if (e instanceof ReadingDesk.Endless) {
            return "slow";
        }
        if (kinds.stream().noneMatch(kind -> kind.isInstance(e))) {
            return "untyped " + e.getClass().getName();
        }
        String message = e.getMessage();
        if (message == null || !message.contains(file.getFileName().toString())) {
            return "the file is not named";
        }
        if (message.chars().anyMatch(Character::isISOControl)) {
            return "more than a line";
        }
        if (message.length() > LONGEST) {
            return "a long speech";
        }
        return RAW.matcher(message.replace(file.toString(), "")).find() ? "a raw text" : null;
    }

    private static String report(TreeMap<String, List<Fault>> faults) {
        var text = new StringBuilder();
        faults.forEach((kind, all) -> {
            text.append(all.size()).append(" times ").append(kind).append(":\n");
            all.stream().limit(5).forEach(fault -> {
                String message = fault.message;
                text.append("  ").append(fault.label).append(" -> ")
                        .append(message, 0, Math.min(300, message.length())).append('\n');
            });
        });
        return text.toString();
    }
}
