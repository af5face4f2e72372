package seer.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import seer.model.LanguageModel;
import seer.run.cluster.DocumentFaults;
import seer.run.cluster.Reading;
import seer.support.Answers;
import seer.support.Demo;
import seer.support.Mutants;
import seer.support.Mutants.Mutant;
import seer.support.TenThousand;

/// Documents of `seer batch-prefill`, broken in hundreds of ways: each is tokenized or refused with a sentence, and no
/// line takes another with it.
class BrokenDocumentsTest {
    private static final int FEW = 300;
    private static final Answers ANSWERS = Answers.of(IllegalArgumentException.class, UncheckedIOException.class);
    private static final Reading READING = new Reading(" Who?", 1, "dense", 0, true, 0, 0, false, false);
    private static final String LINE = "{\"id\": \"%s\", \"text\": \"It was \\u00fcber, \\ud83d\\ude00 %s\", "
            + "\"kept\": {\"a\": [1, 2.5, null]}}";
    private static final String TEXTS = LINE.formatted("a", "one") + "\n" + LINE.formatted("b", "two") + "\n";
    private static final String TOKENS = "{\"id\": 1, \"tokens\": [5, 6, 4000], \"kept\": true}";

    @TempDir
    private Path folder;

    @Command
    private static final class Holder {
        @Mixin private ColumnOptions options;
    }

    private static ColumnOptions columns(String... words) {
        var holder = new Holder();
        new CommandLine(holder).parseArgs(words);
        return holder.options;
    }

    /// Tokenizes all documents, and fails with the first that is refused: under the name of its file, which results do
    /// not repeat.
    private static void read(Path file, ColumnOptions columns, LanguageModel model) {
        JsonDocuments documents;
        try {
            documents = new JsonDocuments(file, columns);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int count = documents.count();
        IllegalArgumentException first = null;
        for (var all = documents.documents(); all.hasNext(); count--) {
            try {
                all.next().text().prompt(READING, model);
            } catch (RuntimeException e) {
                if (!DocumentFaults.isOfDocument(e)) {
                    throw e;
                }
                first = first != null ? first : new IllegalArgumentException(file + ": " + e.getMessage());
            }
        }
        assertTrue(count == 0, "documents are lost");
        if (first != null) {
            throw first;
        }
    }

    private Answers.Tally answers(Stream<Mutant> mutants, String name, String... words) {
        var columns = columns(words);
        var model = Demo.model();
        return ANSWERS.tally(mutants, folder.resolve(name), file -> read(file, columns, model));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// As bytes, and as lines of what stands between quotes.
    private Answers.Tally lines(int count) {
        return answers(Stream.concat(Mutants.ofBytes(bytes(TEXTS), count, count / 2),
                Mutants.ofLines(TEXTS, "\"", count, count / 2)), "documents.jsonl", "--keep", "kept");
    }

    private Answers.Tally tokens(int count) {
        return answers(Mutants.ofJson(TOKENS, count, count), "documents.jsonl", "--tokens-column", "tokens");
    }

    private Answers.Tally packed(int count) {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(bytes(TEXTS));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return answers(Mutants.ofBytes(packed.toByteArray(), count, count), "documents.json.gz");
    }

    private static void assertSome(Answers.Tally tally) {
        assertTrue(tally.refused() > tally.copies() / 5, tally.toString());
    }

    @Test
    void documents() {
        assertSome(lines(FEW));
        assertSome(tokens(FEW));
        assertSome(packed(FEW));
    }

    @Test
    @Tag("brokenFiles")
    void tenThousandOfEach() throws IOException {
        TenThousand.ofFormat("documents, lines with texts", this::lines);
        TenThousand.ofFormat("documents, lines with tokens", this::tokens);
        TenThousand.ofFormat("documents, packed lines", this::packed);
    }
}
