package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import seer.model.load.MalformedModelException;

/// Whatever ends a command is one sentence that names what went wrong.
class ComplaintTest {
    private static void assertSays(Throwable e, String... parts) {
        String sentence = Complaint.of(e);
        for (String part : parts) {
            assertTrue(sentence.contains(part), "wanted \"" + part + "\" in: " + sentence);
        }
        assertFalse(sentence.contains("\n"), sentence);
    }

    @Test
    void sentencesOfOursArePassedOnAsTheyAre() {
        assertEquals("a.json: field x: wanted 1, got 2",
                Complaint.of(new MalformedModelException(Path.of("a.json"), "field x: wanted 1, got 2")));
        assertEquals("wanted a, got b", Complaint.of(new IllegalArgumentException("wanted a,\n  got b")));
        assertEquals("a.csv cannot be written: No space left on device", Complaint.of(new UncheckedIOException(
                "a.csv cannot be written: No space left on device", new IOException("No space left on device"))));
    }

    @Test
    void theSystemsErrorsNameTheFile() {
        assertSays(new NoSuchFileException("a.txt"), "a.txt: there is no such file");
        assertSays(new AccessDeniedException("a.txt"), "a.txt: access is denied");
        assertSays(new FileAlreadyExistsException("a"), "a: something of this name is there already");
        assertSays(new FileSystemException("a.txt", null, "Is a directory"), "a.txt: it is a folder");
        assertSays(new FileSystemException("a/b", null, "Not a directory"), "a/b: what stands before its name is no");
        assertSays(new FileSystemException("a.txt", null, "File too large"), "a.txt: File too large");
        assertSays(new UncheckedIOException(new NoSuchFileException("a.txt")), "a.txt: there is no such file");
        assertSays(new MalformedInputException(1), "not UTF-8");
    }

    @Test
    void whatJavaThrowsUnexpectedlyIsCalledAFaultOfOurs() {
        for (Runnable fault : List.<Runnable>of(() -> List.of(1).get(Integer.parseInt("7")),
                () -> Integer.parseInt("seven"), () -> List.of().getFirst(), () -> "a".substring(5),
                () -> System.out.print(new int[1].length / Integer.parseInt("0")),
                () -> Thread.State.valueOf("none"))) {
            var e = assertThrows(RuntimeException.class, fault::run);
            assertSays(e, "a fault of seer's own, in seer.run.ComplaintTest.", ", line ", e.getClass().getName());
        }
        assertSays(assertThrows(InvalidPathException.class, () -> Path.of("a\0b")), "is no path");
    }

    @Test
    void aFullStackAndAFullHeapSayWhatMakesThemLarger() {
        assertSays(new StackOverflowError(), "the stack is full", "SEER_JAVA_OPTS=-Xss");
        assertSays(new OutOfMemoryError("Java heap space"), "out of memory (Java heap space)", "SEER_JAVA_OPTS=-Xmx");
    }

    @Test
    void classesThatAreNotThereNameTheirModule() {
        assertSays(new NoClassDefFoundError("java/awt/image/RenderedImage"), "without the module java.desktop");
        assertSays(new NoClassDefFoundError("jdk/incubator/vector/FloatVector"),
                "without the module jdk.incubator.vector");
        assertSays(new NoClassDefFoundError("org/example/Gone"), "lacks something", "org/example/Gone");
    }
}
