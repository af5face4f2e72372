package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.SelectorSpec;
import seer.model.Perplexity;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.attention.ForcedBlocks;
import seer.model.load.Utf8Text;
import seer.support.CommandRun;
import seer.support.Demo;

/// `seer batch-prefill` on the cpu.
class BatchPrefillCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOVEL = Utf8Text.read(Demo.MODEL.resolve("thursday.txt"));

    @TempDir
    private Path folder;

    private static CommandRun seer(List<String> arguments) {
        return CommandRun.of(arguments);
    }

    private List<String> command(String... more) {
        var words = new ArrayList<>(List.of("batch-prefill", "--backend", "cpu", "--input", input().toString(),
                "--output", output().toString(), "--select", "gate:density=0.3"));
        words.addAll(List.of(more));
        return words;
    }

    private Path input() {
        return folder.resolve("documents");
    }

    private Path output() {
        return folder.resolve("output");
    }

    private Path results() {
        return output().resolve("results.jsonl");
    }

    private static String text(int i) {
        return NOVEL.substring(i * 5_000, i * 5_000 + 1_500 + 700 * i);
    }

    private static String line(String id, String text) {
        return JSON.createObjectNode().put("id", id).put("source", "a novel").put("text", text) + "\n";
    }

    private void write(String name, String... lines) throws IOException {
        Files.createDirectories(input());
        Files.writeString(input().resolve(name), String.join("", lines));
    }

    private TreeMap<String, JsonNode> read() throws IOException {
        var read = new TreeMap<String, JsonNode>();
        for (String line : Files.readAllLines(results())) {
            var result = JSON.readTree(line);
            assertEquals(null, read.put(result.path("id").asText("nameless"), result));
        }
        return read;
    }

    @Test
    void documentsOfAllFilesAreReadAsOneIsAlone() throws IOException {
        write("a.jsonl", line("d0", text(0)), "\n", line("d2", text(2)));
        try (var out = new GZIPOutputStream(Files.newOutputStream(input().resolve("b.json.gz")))) {
            out.write(line("d1", text(1)).getBytes(StandardCharsets.UTF_8));
        }
        write("_c.jsonl", "no document\n");
        write("readme.txt", "none either\n");
        var run = seer(command("--question", " Who", "--new-tokens", "3", "--keep", "source", "--log-likelihoods"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("3 documents in " + output() + ", of them 0 with an error and 0 read by an "
                + "earlier run\nthis run: 3 documents, "), run.out());
        var read = read();
        var model = Demo.model();
        var selector = SelectorSpec.parse("gate:density=0.3").selector(Demo::gate,
                new ForcedBlocks(ForcedBlocks.DENSE_LAST_ROWS, true));
        for (int i = 0; i < 3; i++) {
            int[] tokens = model.tokenizer().encode(text(i) + " Who");
            try (var session = model.session(tokens.length + 3)) {
                var report = session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
                var result = read.get("d" + i);
                assertEquals("a novel", result.get("source").asText());
                var seer = result.get("seer");
                assertEquals(tokens.length, seer.get("tokens").asInt());
                assertEquals(tokens.length - 1, seer.get("log_likelihoods").size());
                assertEquals(Perplexity.of(report.scores().nats(0, tokens.length - 1), tokens.length - 1),
                        seer.get("perplexity").asDouble(), 1e-3);
                assertEquals(report.density(), seer.get("density").asDouble(), 1e-9);
                assertEquals(model.tokenizer().decode(session.generate(3, Sampling.GREEDY, token -> { })),
                        seer.get("answer").asText());
                assertEquals("cpu", seer.get("backend").asText());
                assertEquals("f32", seer.get("arithmetic").asText());
                assertEquals("f32", seer.get("cache").asText());
                assertFalse(seer.has("kernels"), "there is but one of each");
                assertTrue(seer.get("ms").get("prefill").asDouble() > 0);
                assertFalse(seer.has("error"));
            }
        }
    }

    @Test
    void linesThatAreNoDocumentsHaveAnErrorAndHarmNoOther() throws IOException {
        var lines = new ByteArrayOutputStream();
        lines.writeBytes(line("d0", text(0)).getBytes(StandardCharsets.UTF_8));
        lines.writeBytes("{\"id\": \"broken\", \"text\": \"caf".getBytes(StandardCharsets.UTF_8));
        lines.write(0xE9);
        lines.writeBytes("""
                "}
                {"id": "empty", "text": ""}
                {"id": "none"}
                {"id": 7, "text": 5}
                {"id": "half", "text": "a\\ud83db"}
                no JSON
                """.getBytes(StandardCharsets.UTF_8));
        lines.writeBytes(line("long", NOVEL.substring(0, 200_000)).getBytes(StandardCharsets.UTF_8));
        lines.writeBytes(line("last", text(1)).getBytes(StandardCharsets.UTF_8));
        Files.createDirectories(input());
        Files.write(input().resolve("documents.jsonl"), lines.toByteArray());
        var run = seer(command());
        assertEquals(0, run.code(), run.err());
        var errors = new TreeMap<String, String>();
        read().forEach((id, result) -> errors.put(id, result.get("seer").path("error").asText("fine")));
        assertTrue(errors.remove("long").matches("the document is \\d+ tokens long, the model's context is \\d+"));
        assertEquals("{7=the text is 5, wanted a string, broken=the text is not UTF-8 text: line 1, byte 29, 0xE9, "
                + "d0=fine, empty=the text is empty, wanted at least one token, half=the text has half a character, "
                + "\\ud83d, wanted whole ones, last=fine, nameless=" + input().resolve("documents.jsonl")
                + ": line 7 is not JSON: wanted a value, got no, none=the text is null, wanted a text}",
                errors.toString());
        var again = seer(command());
        assertEquals(0, again.code(), again.err());
        assertEquals("9 documents in " + output() + ", of them 7 with an error and 9 read by an earlier run",
                again.out().strip());
        assertEquals(9, read().size());
    }

    /// Blank lines count, and a byte order mark is none of the first.
    @Test
    void whatNamesNoDocumentIsToldByFileAndLine() throws IOException {
        write("a.jsonl", "\uFEFF" + line("d0", "a text"), "\n", "{\"id\": \"d1\", \"text\": \"cut\n",
                "{\"id\": \"d2\"} {\"id\": \"d3\"}\n");
        write("b.json", "\r\n", "[\"id\"]\r\n", "{\"text\": \"a\"}\r\n", "{\"id\": null}\r\n",
                "{\"id\": 1, \"id\": 2}\r\n", "{\"id\": 1, \"text\": [NaN]}");
        assertEquals(0, seer(command()).code());
        var errors = new ArrayList<String>();
        for (String line : Files.readAllLines(results())) {
            var result = JSON.readTree(line);
            assertEquals(result.path("id").asText().equals("d0"), !result.get("seer").has("error"), line);
            errors.add(result.get("seer").path("error").asText("fine"));
        }
        errors.sort(null);
        String a = input().resolve("a.jsonl") + ": line ";
        String b = input().resolve("b.json") + ": line ";
        assertEquals(List.of(a + "3 is not JSON, field text: wanted more, got the end of the line",
                a + "4 is not JSON: wanted the end, got more behind the object",
                b + "2: wanted a JSON object, got [\"id\"]", b + "3, field id: wanted a name, got nothing",
                b + "4, field id: wanted a name, got nothing",
                b + "5 is not JSON, field id: wanted every name once, got \"id\" a second time",
                b + "6 is not JSON, field text[0]: wanted a finite number, got NaN", "fine"), errors);
        write("b.json", "\n", line("d0", "again"));
        fails(1, "column id has d0 twice, wanted another name for each document: the second is in "
                + input().resolve("b.json") + ", line 2", command());
    }

    @Test
    void aRunThatWasCutOffGoesOnBehindItsLastWholeLine() throws IOException {
        write("a.jsonl", line("d0", text(0)), line("d1", text(1)), line("d2", text(2)));
        assertEquals(0, seer(command()).code());
        var whole = Files.readAllLines(results());
        Files.writeString(results(), whole.getFirst() + "\n" + whole.get(1).substring(0, 40));
        var other = seer(command("--question", "Who?"));
        assertEquals(1, other.code());
        assertEquals("seer: --output " + output() + " was begun with question = \"\", this run has \"Who?\": go on "
                + "with the same, or name another folder", other.err().strip());
        var run = seer(command());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("3 documents in " + output() + ", of them 0 with an error and 1 read by an "
                + "earlier run\nthis run: 2 documents, "), run.out());
        assertEquals(whole.getFirst(), Files.readAllLines(results()).getFirst());
        assertEquals("[d0, d1, d2]", read().keySet().toString());
        String second = whole.stream().filter(each -> each.contains("\"d1\"")).findFirst().orElseThrow() + "\n";
        String longest = "{\"id\": \"d0\", \"seer\": {\"error\": \"" + "long ".repeat(40_000) + "\"}}\n";
        Files.writeString(results(), longest + second + "not ours\n");
        var third = seer(command());
        int place = longest.length() + second.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(third.err().startsWith("seer: " + results() + " has a line that is no JSON at byte " + place + ": "),
                third.err());
        Files.writeString(results(), longest + second + longest.strip());
        run = seer(command());
        assertTrue(run.out().startsWith("3 documents in " + output() + ", of them 1 with an error and 2 read by an "
                + "earlier run\nthis run: 1 document, "), run.out());
        Files.writeString(results(), "not ours\n");
        var foreign = seer(command());
        assertEquals(1, foreign.code());
        assertTrue(foreign.err().startsWith("seer: " + results() + " has a line that is no JSON at byte 0: "),
                foreign.err());
    }

    @Test
    void resultsOfDocumentsThatTheInputHasLostAreNoneOfItsOwn() throws IOException {
        write("a.jsonl", line("d0", text(0)), line("d1", text(1)), line("d2", ""), "no JSON\n", "none either\n");
        assertEquals(0, seer(command()).code());
        write("a.jsonl", line("d1", text(1)), line("d3", text(3)), line("d4", ""), "no JSON\n");
        var run = seer(command());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("7 documents in " + output() + ", of them 4 with an error and 5 read by an "
                + "earlier run, of which 3 not in the input any more\nthis run: 2 documents, "), run.out());
        assertEquals(7, Files.readAllLines(results()).size());
        write("a.jsonl", line("d1", text(1)));
        var last = seer(command());
        assertEquals("7 documents in " + output() + ", of them 4 with an error and 7 read by an earlier run, of which "
                + "6 not in the input any more", last.out().strip());
    }

    @Test
    void tokensAreReadAsTheyAre() throws IOException {
        write("a.jsonl", "{\"id\": \"t\", \"ids\": [5, 6, 7, 8]}\n{\"id\": \"u\", \"ids\": [5, null]}\n",
                "{\"id\": \"v\", \"ids\": [5, 2.5]}\n{\"id\": \"w\", \"ids\": 5}\n");
        var run = seer(command("--tokens-column", "ids"));
        assertEquals(0, run.code(), run.err());
        var read = read();
        assertEquals(4, read.get("t").get("seer").get("tokens").asInt());
        assertTrue(read.get("u").get("seer").get("error").asText().startsWith("token 1 is null, wanted 0 to "));
        assertEquals("token 1 is 2.5, wanted a whole number", read.get("v").get("seer").get("error").asText());
        assertEquals("the tokens are 5, wanted a list of numbers", read.get("w").get("seer").get("error").asText());
    }

    @Test
    void whatCannotWorkIsOneSentence() throws IOException {
        fails(1, "--input " + input() + ": there is no such file or folder", command());
        Files.createDirectories(input());
        fails(1, "--input " + input() + " has no file that ends in .json or .jsonl, ", command());
        write("a.jsonl", line("d0", "a"), line("d0", "b"));
        fails(1, "column id has d0 twice, wanted another name for each document", command());
        write("a.jsonl", line("d0", "a"));
        fails(1, "--input " + input() + " has no document with a column words, wanted ",
                command("--text-column", "words"));
        fails(1, "--input " + input() + " has no document with a column name, wanted one of text or tokens and one of "
                + "names; " + input().resolve("a.jsonl") + ": line 1, field name: wanted a name, got nothing",
                command("--id", "name"));
        write("a.jsonl", "\n[\n{\"id\": \"d0\",\n\"text\": \"a\"}\n]");
        fails(1, "--input " + input() + " has no document with a column id, wanted one of text or tokens and one of "
                + "names; " + input().resolve("a.jsonl") + ": line 2 is not JSON: wanted more, got the end of the line",
                command());
        write("a.jsonl", line("d0", "a"));
        fails(2, "--text-column and --tokens-column are both there, wanted one of them",
                command("--text-column", "text", "--tokens-column", "ids"));
        fails(2, "--keep has id, the names, which results have anyway: wanted other columns, each once",
                command("--keep", "source,id"));
        fails(2, "--keep has seer, which is what results are called: wanted ", command("--keep", "seer"));
        fails(2, "--keep has a twice: wanted ", command("--keep", "a,b,a"));
        fails(2, "--devices with --backend cpu, which has no second device, ", command("--devices", "0,1"));
        assertFalse(Files.exists(output()), "nothing began");
        Files.createDirectories(output());
        Files.writeString(output().resolve("settings.json"), "[");
        fails(1, output().resolve("settings.json") + " is no JSON: ", command());
    }

    private static void fails(int code, String sentence, List<String> command) {
        var run = seer(command);
        assertEquals(code, run.code(), run.out());
        assertTrue(run.err().startsWith("seer: " + sentence), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }
}
