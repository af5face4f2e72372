package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.CommandRun;
import seer.support.Demo;

/// `seer spark-prefill` in Spark's local mode.
class SparkPrefillCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE = 300; // seconds, on a busy machine

    @TempDir
    private Path folder;

    @AfterEach
    void closeModels() {
        Engines.close();
    }

    private static CommandRun seer(List<String> arguments) {
        return CommandRun.of(arguments);
    }

    private List<String> command(Path input, String... more) {
        var words = new ArrayList<>(List.of("spark-prefill", "--master", "local[2]", "--input", input.toString(),
                "--output", output().toString(), "--select", "gate:density=0.3", "--new-tokens", "3", "--conf",
                "spark.sql.warehouse.dir=" + folder.resolve("warehouse")));
        words.addAll(List.of(more));
        return words;
    }

    private Path output() {
        return folder.resolve("output");
    }

    @Test
    void linesThatAreNoDocumentsHaveAnErrorAndHarmNoOther() throws IOException {
        Path input = Documents.write(folder, LocalSpark.texts(3));
        var lines = new ByteArrayOutputStream();
        lines.writeBytes(Files.readAllBytes(input.resolve("documents.jsonl")));
        lines.writeBytes("{\"id\": \"broken\", \"text\": \"caf".getBytes(StandardCharsets.UTF_8));
        lines.write(0xE9);
        lines.writeBytes("""
                "}
                {"id": "empty", "text": ""}
                {"id": "none"}
                no JSON
                {"text": "nameless"}
                {"id": "half", "text": "a\\ud83db"}
                {"id": "whole", "text": "a \\ud83d\\ude00 b"}
                {"id": 7, "text": 5}
                """.getBytes(StandardCharsets.UTF_8));
        Files.write(input.resolve("documents.jsonl"), lines.toByteArray());
        var run = seer(command(input, "--keep", "source", "--partitions", "3"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("11 documents in " + output() + ", of them 7 with an error and 0 read by an "
                + "earlier run\nthis run: 11 documents, "), run.out());
        var results = new TreeMap<String, String>();
        try (var files = Files.list(output())) {
            for (Path file : files.filter(each -> each.getFileName().toString().endsWith(".json")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    var read = JSON.readTree(line);
                    results.merge(read.path("id").asText("nameless"), read.get("seer").path("error").asText("fine")
                            + (read.has("source") ? " of a " + read.get("source").asText() : ""),
                            (a, b) -> a + ", " + b);
                }
            }
        }
        String file = input.resolve("documents.jsonl") + ": line ";
        assertEquals("{7=the text is null, wanted a text, broken=the text is not UTF-8 text: line 1, byte 29, 0xE9, "
                + "d0=fine of a novel, d1=fine of a novel, d2=fine of a novel, "
                + "empty=the text is empty, wanted at least one token, "
                + "half=the text is not UTF-8 text: line 1, byte 1, 0xED, half a character, "
                + "nameless=" + file + "7 is not JSON: wanted a value, got no, " + file + "8, field id: wanted a name, "
                + "got nothing, none=the text is null, wanted a text, whole=fine}", results.toString());
        assertFalse(Files.exists(output().resolve("_journal")));
        var again = seer(command(input));
        assertEquals(1, again.code());
        assertEquals("seer: output " + output() + " holds a finished result, wanted a folder for a new one",
                again.err().strip());
    }

    @Test
    void tokensInLinesAreReadAsTheyAre() throws IOException {
        Path input = Files.createDirectories(folder.resolve("input"));
        Files.writeString(input.resolve("a.jsonl"), """
                {"id": "t", "ids": [5, 6, 7, 8]}
                {"id": "u", "ids": [5, 2.5]}
                {"id": "v", "ids": "5"}
                """);
        var run = seer(command(input, "--tokens-column", "ids"));
        assertEquals(0, run.code(), run.err());
        var results = Documents.results(output());
        assertEquals(4, results.get("t").get("seer").get("tokens").asInt());
        assertTrue(results.get("u").get("seer").get("error").asText().startsWith("token 1 is null, wanted 0 to "));
        assertEquals("the tokens are null, wanted a list of numbers", results.get("v").get("seer").get("error")
                .asText());
    }

    /// Spark deals pieces of files to tasks, and knows no lines.
    @Test
    void whatNamesNoDocumentIsToldByFileAndLine() throws IOException {
        Path input = Files.createDirectories(folder.resolve("in put"));
        String broken = "{\"id\": \"d1\", \"text\": \"cut\n";
        String two = "{\"id\": \"d2\"} {\"id\": \"d3\"}\n";
        Files.writeString(input.resolve("a.jsonl"), "\uFEFF" + broken + "\n" + Documents.line("d0", "a text") + two
                + broken + two + "\n \n" + two);
        try (var out = new GZIPOutputStream(Files.newOutputStream(input.resolve("b.jsonl.gz")))) {
            out.write(("\n" + broken + "[5]\r\n" + broken).getBytes(StandardCharsets.UTF_8));
        }
        String cut = " is not JSON, field text: wanted more, got the end of the line";
        String more = " is not JSON: wanted the end, got more behind the object";
        String a = input.resolve("a.jsonl") + ": line ";
        String b = input.resolve("b.jsonl.gz") + ": line ";
        var wanted = List.of(a + "1" + cut, a + "4" + more, a + "5" + cut, a + "6" + more, a + "9" + more,
                b + "2" + cut, b + "3: wanted a JSON object, got [5]", b + "4" + cut, "fine");
        for (int bytes : new int[] {16, 40, 1 << 20}) {
            Path output = folder.resolve("output" + bytes);
            var command = command(input, "--conf", "spark.sql.files.maxPartitionBytes=" + bytes,
                    "--conf", "spark.sql.files.openCostInBytes=1");
            command.set(command.indexOf(output().toString()), output.toString());
            var run = seer(command);
            assertEquals(0, run.code(), run.err());
            var said = new ArrayList<String>();
            try (var files = Files.list(output)) {
                for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
                    for (String line : Files.readAllLines(file)) {
                        said.add(JSON.readTree(line).get("seer").path("error").asText("fine"));
                    }
                }
            }
            said.sort(null);
            assertEquals(wanted, said, bytes + " bytes a piece");
        }
    }

    @Test
    void columnsMayHaveDotsInTheirNames() throws IOException {
        Path input = Files.createDirectories(folder.resolve("input"));
        Files.writeString(input.resolve("a.jsonl"), JSON.createObjectNode().put("doc.id", "d0").put("doc.text",
                LocalSpark.texts(1).getFirst()).put("doc.source", "novel") + "\n{\"doc.text\": \"nameless\"}\n");
        var run = seer(command(input, "--id", "doc.id", "--text-column", "doc.text", "--keep", "doc.source"));
        assertEquals(0, run.code(), run.err());
        var read = new ArrayList<String>();
        try (var files = Files.list(output())) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    var result = JSON.readTree(line);
                    read.add(result.get("doc.id") + " " + result.get("doc.source") + " "
                            + result.get("seer").has("error"));
                }
            }
        }
        read.sort(null);
        assertEquals(List.of("\"d0\" \"novel\" false", "null null true"), read);
    }

    /// Each machine of a cluster may have a folder of that name.
    @Test
    void anOutputThatTheDriverDoesNotSeeIsRefusedAtTheEnd() throws IOException {
        Path input = Documents.write(folder, List.of("one document", "and another"));
        String elsewhere = ForgetfulFiles.SCHEME + ":" + output();
        var command = command(input, "--conf", "spark.hadoop.fs." + ForgetfulFiles.SCHEME + ".impl="
                + ForgetfulFiles.class.getName());
        command.set(command.indexOf(output().toString()), elsewhere);
        fails(1, "output " + elsewhere + " has 0 of 2 results in its journal, wanted all: it has to be a folder that "
                + "is the same on every machine", command);
    }

    @Tag("slow")
    @Test
    void documentsInParquetComeOutInParquet() throws IOException {
        Path input = folder.resolve("input");
        try (var spark = LocalSpark.open()) {
            var schema = new StructType().add("id", DataTypes.StringType).add("text", DataTypes.StringType);
            LocalSpark.documents(spark, LocalSpark.texts(3)).union(spark.createDataFrame(
                    List.of(RowFactory.create(null, "nameless")), schema)).coalesce(1).write()
                    .mode(SaveMode.Overwrite).parquet(input.toString());
        }
        fails(1, "column words is not in " + input + ", wanted one of id, text", command(input, "--text-column",
                "words"));
        var run = seer(command(input));
        assertEquals(0, run.code(), run.err());
        try (var spark = LocalSpark.open()) {
            var read = spark.read().parquet(output().toString());
            assertEquals(4, read.count());
            String error = read.filter("id is null").select("seer.error").first().getString(0);
            assertTrue(error.matches(input + "/part-.*\\.parquet: row 4, column id: wanted a name, got null"), error);
            assertEquals(1, read.filter("seer.error is not null or seer.answer is null or seer.tokens < 50").count());
        }
    }

    @Test
    void whatCannotWorkIsOneSentence() throws IOException {
        Path input = Documents.write(folder, List.of("a", "b"));
        Files.writeString(input.resolve("more.jsonl"), Documents.line("d1", "again"));
        fails(1, "column id has d1 2 times, wanted another name for each document", command(input));
        fails(1, "input " + input + " has no document with a column words, wanted ",
                command(input, "--text-column", "words"));
        fails(1, "input " + input + " has no document with a column name, wanted ", command(input, "--id", "name"));
        fails(1, "input " + folder + "/nothing: there is no such file or folder", command(folder.resolve("nothing")));
        fails(1, "keep has text, which is what is read: wanted other columns", command(input, "--keep", "source,text"));
        fails(1, "model nowhere: no such folder or file on the driver", command(input, "--model", "nowhere"));
        fails(1, "checksum is abc, the weights of ", command(input, "--checksum", "abc"));
        fails(2, "--master is missing, wanted one such as local[2]", List.of("spark-prefill", "--input",
                input.toString(), "--output", output().toString()));
        fails(1, "Spark does not start with master moon", List.of("spark-prefill", "--master", "moon", "--input",
                input.toString(), "--output", output().toString()));
        assertFalse(Files.exists(output()), "nothing began");
    }

    @Test
    void filesThatAreNoneOfTheirFormatAreNamed() throws IOException {
        Path lines = Files.createDirectories(folder.resolve("lines"));
        Files.writeString(lines.resolve("a.jsonl"), "[\n{\"id\": 1,\n\"text\": \"x\"}\n]\n");
        fails(1, "input " + lines + " has no document with a column id, wanted one of text or tokens and one of names; "
                + lines.resolve("a.jsonl") + ": line 1 is not JSON: wanted more, got the end of the line",
                command(lines));
        Files.writeString(lines.resolve("a.jsonl"), "\n");
        fails(1, "input " + lines + " has no document with a column id, wanted one of text or tokens and one of names",
                command(lines));
        String broken = ": wanted a file of the format that it is read as, got a broken one (is it truncated?)";
        for (String name : List.of("a.jsonl.gz", "a.parquet")) {
            Path input = Files.createDirectories(folder.resolve("of " + name));
            Files.write(input.resolve(name), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
            fails(1, input.resolve(name) + broken, command(input));
        }
    }

    private static void fails(int code, String sentence, List<String> command) {
        var run = seer(command);
        assertEquals(code, run.code(), run.out());
        assertTrue(run.err().startsWith("seer: " + sentence), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    /// Every document that has a line in the journal is finished; two tasks have two each in flight, one of them read.
    /// A document that is not in the input any more stays in the results, and is told apart.
    @Test
    @Tag("slow")
    void aDriverThatIsKilledLosesNoFinishedDocument() throws Exception {
        int count = 14;
        Path input = Documents.write(folder, LocalSpark.texts(count));
        try (var processes = new Processes(folder)) {
            var driver = processes.seer(command(input, "--partitions", "4"), folder.resolve("driver.log"), true);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
            while (Documents.journal(output()).size() < 4) {
                assertTrue(driver.isAlive() && System.nanoTime() < end, Files.readString(folder.resolve("driver.log")));
                Thread.sleep(20);
            }
            driver.destroyForcibly().waitFor();
        }
        var finished = Documents.journal(output());
        assertTrue(finished.size() < count, finished + " leaves nothing to go on with");
        fails(1, output() + " was begun with ", command(input, "--question", "Who?"));
        Path lines = input.resolve("documents.jsonl");
        String all = Files.readString(lines);
        String gone = "\"" + finished.iterator().next() + "\"";
        Files.write(lines, all.lines().filter(line -> !line.contains(gone)).toList());
        var run = seer(command(input, "--partitions", "3"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith(count + " documents in " + output() + ", of them 0 with an error and "
                + finished.size() + " read by an earlier run, of which 1 not in the input any more\nthis run: "
                + (count - finished.size()) + " documents, "), run.out());
        Files.writeString(lines, all);
        var interrupted = Documents.results(output());
        assertEquals(count, interrupted.size());
        Files.move(output(), folder.resolve("interrupted"));
        assertEquals(0, seer(command(input, "--partitions", "1")).code());
        var whole = Documents.results(output());
        for (String id : whole.keySet()) {
            assertEquals(Documents.facts(whole.get(id)), Documents.facts(interrupted.get(id)), id);
        }
    }

    @Tag("slow")
    @Test
    void withoutTheVectorApiTheJobDoesNotStart() throws Exception {
        Path input = Documents.write(folder, List.of("a"));
        try (var processes = new Processes(folder)) {
            var driver = processes.seer(command(input, "--model", Demo.MODEL.toString()), folder.resolve("driver.log"),
                    false);
            assertEquals(1, driver.waitFor());
        }
        assertEquals("seer: backend cpu: this JVM runs without the module jdk.incubator.vector; start it with "
                + "--add-modules jdk.incubator.vector", Files.readString(folder.resolve("driver.log")).lines()
                .filter(line -> !line.startsWith("WARNING")).reduce((a, b) -> a + "\n" + b).orElse(""));
        assertFalse(Files.exists(output()));
    }
}
