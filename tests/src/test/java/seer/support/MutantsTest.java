package seer.support;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.Mutants.Mutant;

/// The tests' own tools: that copies are broken in many ways, and that bad answers are told from good ones.
class MutantsTest {
    private static final String JSON = "{\"a\": 1, \"list\": [1, {\"b\": null}], \"empty\": {}, \"s\": \"x\"}";
    private static final String CSV = "step,loss\n1,0.5\n2,0.25\n";

    @TempDir
    private Path folder;

    private static Stream<Mutant> bytes(long seed) {
        return Mutants.ofBytes(CSV.getBytes(StandardCharsets.UTF_8), seed, 200);
    }

    @Test
    void theSameSeedGivesTheSameCopies() {
        List<Mutant> first = bytes(3).toList();
        List<Mutant> again = bytes(3).toList();
        for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i).bytes(), again.get(i).bytes(), first.get(i).label());
        }
        assertTrue(distinct(Stream.concat(bytes(3), bytes(4))) > 250);
    }

    private static int distinct(Stream<Mutant> mutants) {
        Set<String> texts = mutants.map(mutant -> new String(mutant.bytes(), StandardCharsets.ISO_8859_1))
                .collect(Collectors.toSet());
        return texts.size();
    }

    @Test
    void copiesAreBrokenInManyWays() {
        assertTrue(distinct(bytes(1)) > 150);
        assertTrue(distinct(Mutants.ofJson(JSON, 1, 300)) > 120);
        assertTrue(distinct(Mutants.ofLines(CSV, ",", 1, 300)) > 100);
        Set<String> labels = Mutants.ofJson(JSON, 2, 500).map(Mutant::label).collect(Collectors.toSet());
        for (String start : List.of("/s lost", "/a renamed", "/list/1/b = ", "/list/0 doubled", "/empty/a = ")) {
            assertTrue(labels.stream().anyMatch(label -> label.startsWith(start)), start);
        }
    }

    private void judged(String fault, Consumer<Path> reader) {
        var e = assertThrows(AssertionError.class, () -> Answers.of(IllegalArgumentException.class)
                .to(bytes(1).limit(3), folder.resolve("a.csv"), reader));
        assertTrue(e.getMessage().startsWith("3 times " + fault), e.getMessage());
    }

    @Test
    void badAnswersAreTold() {
        judged("untyped java.lang.IllegalStateException", file -> {
            throw new IllegalStateException(file + ": wanted a number");
        });
        judged("the file is not named", _ -> {
            throw new IllegalArgumentException("wanted a number");
        });
        judged("more than a line", file -> {
            throw new IllegalArgumentException(file + ": wanted\na number");
        });
        judged("a raw text", file -> {
            throw new IllegalArgumentException(file + ": java.lang.NumberFormatException");
        });
        judged("a long speech", file -> {
            throw new IllegalArgumentException(file + ": " + "x".repeat(2000));
        });
    }

    @Test
    void whatDoesNotEndIsToldAndLeftBehind() {
        var read = new AtomicInteger();
        var e = assertThrows(AssertionError.class, () -> Answers.of(IllegalArgumentException.class).within(1)
                .to(bytes(1).limit(3), folder.resolve("a.csv"), _ -> {
                    boolean stuck = read.incrementAndGet() == 2;
                    while (stuck) {
                        LockSupport.parkNanos(1_000_000);
                    }
                }));
        assertTrue(e.getMessage().startsWith("1 times slow"), e.getMessage());
        assertTrue(e.getMessage().contains("not read after 1 seconds, at "), e.getMessage());
    }

    @Test
    void goodAnswersAreCounted() {
        var answers = Answers.of(IllegalArgumentException.class);
        assertEquals(0, answers.to(bytes(1), folder.resolve("a.csv"), _ -> { }));
        assertEquals(200, answers.to(bytes(1), folder.resolve("a.csv"), file -> {
            throw new IllegalArgumentException(file + ", line 2: wanted a number, got \"x\"");
        }));
    }
}
