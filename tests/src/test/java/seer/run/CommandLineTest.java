package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.CommandRun;
import seer.support.Demo;

/// What a user types and what comes back.
class CommandLineTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();

    @TempDir
    private Path folder;

    private static CommandRun seer(String... arguments) {
        return CommandRun.of(arguments);
    }

    private static void assertFails(int code, CommandRun run, String... parts) {
        assertEquals(code, run.code(), run.err());
        for (String part : parts) {
            assertTrue(run.err().contains(part), "wanted \"" + part + "\" in: " + run.err());
        }
        assertFalse(run.err().contains("\tat "), "no stack trace: " + run.err());
    }

    @Test
    void prefillPrintsATableThatNamesTheMachineAndComparesSelectors() {
        var run = seer("prefill", "--text", STORY, "--tokens", "700", "--new-tokens", "3", "--select",
                "gate:density=0.3", "--compare", "dense", "--perplexity", "--no-warm-up");
        assertEquals(0, run.code(), run.err());
        for (String part : List.of("backend cpu on ", "JDK ", " thread", "prompt of 700 tokens",
                "393,216 parameters (5.35 %", "gate:density=0.3", "dense", "perplexity", "peak MiB", "answer")) {
            assertTrue(run.out().contains(part), "wanted \"" + part + "\" in: " + run.out());
        }
    }

    @Test
    void prefillAsJsonHasASchemaAndUnitsInItsNames() throws IOException {
        var run = seer("prefill", "--text", STORY, "--tokens", "300", "--new-tokens", "2", "--json", "--no-warm-up");
        assertEquals(0, run.code(), run.err());
        JsonNode json = new ObjectMapper().readTree(run.out());
        assertEquals(1, json.get("schema").asInt());
        assertEquals("cpu", json.get("machine").get("backend").asText());
        JsonNode row = json.get("rows").get(0);
        for (String field : List.of("selector", "density", "ttft_ms", "tokens_per_s", "attention_ms", "selection_ms",
                "peak_rss_mib", "answer")) {
            assertTrue(row.has(field), field + " in " + row);
        }
    }

    @Test
    void theQuestionIsAnsweredFromTheText() throws IOException {
        Path text = folder.resolve("text.txt");
        String opening = "A special magic number is hidden within the following text. Make sure to memorize it. "
                + "I will quiz you about the number afterwards.\n";
        String story = Files.readString(Path.of(STORY));
        Files.writeString(text, opening + story.substring(0, 3000)
                + " One of the special magic numbers for tall-garden is: 4815162." + story.substring(3000, 6000));
        String asked = "special magic number for tall-garden mentioned in the provided text";
        var run = seer("prefill", "--text", text.toString(), "--question",
                "\nWhat is the " + asked + "? The " + asked + " is", "--new-tokens", "9");
        assertTrue(run.out().contains("4815162"), run.out());
    }

    @Test
    void perplexityIsMeasuredInWindows() {
        var run = seer("perplexity", "--text", STORY, "--window", "512", "--windows", "2", "--select", "dense");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("2 windows of 512 tokens") && run.out().contains("perplexity"), run.out());
    }

    @Test
    void rivalsAreMeasuredLikeGatesAndTheHostsPartIsNamed() throws IOException {
        String[] arguments = {"perplexity", "--text", STORY, "--window", "512", "--windows", "1", "--select",
            "oracle:threshold=0.02", "--compare", "meanpool:density=0.3"};
        var table = seer(arguments);
        assertEquals(0, table.code(), table.err());
        for (String label : List.of("oracle:threshold=0.02 (host) ", "meanpool:density=0.3 ")) {
            assertTrue(table.out().contains(label), table.out());
        }
        var run = seer("prefill", "--text", STORY, "--tokens", "300", "--new-tokens", "1", "--json", "--no-warm-up",
                "--select", "antidiagonal:mass=0.9", "--compare", "ashape:density=0.3");
        JsonNode rows = new ObjectMapper().readTree(run.out()).get("rows");
        assertEquals("antidiagonal:mass=0.9", rows.get(0).get("selector").asText());
        assertTrue(rows.get(0).get("selection_on_host").asBoolean());
        assertFalse(rows.get(1).get("selection_on_host").asBoolean());
        assertTrue(rows.get(0).get("selection_ms").asDouble() > 0);
    }

    @Test
    void theDemoAnswersAndDrawsAPicture() throws IOException {
        Path picture = folder.resolve("masks.png");
        var run = seer("demo", "--tokens", "1200", "--picture", picture.toString());
        assertEquals(0, run.code(), run.err());
        for (String part : List.of("dense", "gate:calibrated", "gate:density=0.2", "gate:density=0.1", "right answer",
                "times faster than dense", "perplexity", "Next:", "gates demo-model/gate of 393,216 parameters")) {
            assertTrue(run.out().contains(part), "wanted \"" + part + "\" in: " + run.out());
        }
        var image = ImageIO.read(picture.toFile());
        assertTrue(image.getWidth() > 1000 && image.getHeight() > 500);
    }

    @Test
    void theDemoTakesOtherGatesWhereTheyAreAskedFor() {
        var run = seer("demo", "--tokens", "1200", "--gate", Demo.REFERENCE_GATE.toString(), "--picture",
                folder.resolve("masks.png").toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("reference-gate of 393,216 parameters"), run.out());
        assertTrue(run.out().contains("gate:threshold=0.005"), "no threshold is stored there: " + run.out());
    }

    @Test
    void theBenchNamesItsYardstick() {
        var run = seer("bench", "--rate-tokens", "256", "--tokens", "512", "--rounds", "1");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("register-only multiply-add loop") && run.out().contains("times faster"),
                run.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefill", "perplexity", "demo", "bench"})
    void helpShowsTheRealDefaults(String command) {
        var run = seer(command, "--help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("(default: "), run.out());
        assertFalse(run.out().contains("${"), run.out());
    }

    @ParameterizedTest
    @CsvSource({"prefill --select gate:density=2, wanted dense",
        "prefill --tokens few --text x, wanted a whole number below 2^31",
        "prefill --temperature hot --text x, wanted a number", "eval perplexity --lengths 2147483648, below 2^31",
        "prefill, --text", "brefill, brefill", "prefill --text demo-model/thursday.txt --model nowhere, no such folder",
        "perplexity --text x --window 0, --window is 0", "demo --tokens 40000, the model's context",
        "demo --layer 8, --layer is 8", "demo --picture no/such/x.png, its folder does not exist",
        "bench --heads 3, multiple of --groups",
        "prefill --text demo-model/thursday.txt --tokens 10 --dense-last-rows -1, --dense-last-rows is -1",
        "prefill --text demo-model/thursday.txt --temperature -1, temperature is -1",
        "prefill --text demo-model/thursday.txt --threads 0, --threads is 0",
        "prefill --text demo-model/thursday.txt --tokens 99 --new-tokens -1, --new-tokens is -1",
        "prefill --text demo-model/thursday.txt --tokens 99 --chunk 10, at least one block of 64"})
    void wrongUseEndsWithASentenceAndCode2(String line, String part) {
        assertFails(2, seer(line.split(" ")), part);
    }

    @Test
    void aChoiceThatIsNoneIsNamedWithThoseThereAre() {
        assertFails(2, seer("prefill", "--text", "x", "--backend", "gpu"), "--backend is 'gpu', wanted one of auto,");
        assertFails(2, seer("eval", "perplexity", "--format", "xml"), "--format is 'xml', wanted one of markdown, csv");
    }

    @Test
    void aNumberThatIsNoneIsNamedWithItsOption() {
        assertFails(2, seer("prefill", "--text", "x", "--tokens", "few"), "--tokens is 'few', wanted a whole number");
        assertFails(2, seer("prefill", "--text", "x", "--seed", "9".repeat(20)), "a whole number below 2^63");
        assertFails(2, seer("eval", "perplexity", "--lengths", "64,x"), "--lengths is 'x', wanted a whole");
    }

    @Test
    void noCommandShowsTheUsage() {
        var run = seer();
        assertEquals(2, run.code());
        assertTrue(run.out().contains("prefill") && run.out().contains("demo"), run.out());
    }

    @Test
    void brokenInputEndsWithASentenceAndCode1() throws IOException {
        assertFails(1, seer("prefill", "--text", folder.resolve("missing.txt").toString()), "missing.txt", "no such");
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        assertFails(1, seer("prefill", "--text", empty.toString()), "empty.txt is empty");
        Path bytes = Files.write(folder.resolve("bytes.txt"), new byte[] {(byte) 0xC3, 0x28});
        assertFails(1, seer("prefill", "--text", bytes.toString()), "bytes.txt is not UTF-8");
        assertFails(1, seer("prefill", "--text", STORY), "tokens long, the model's context is 32768", "--tokens");
        assertFails(1, seer("perplexity", "--text", STORY, "--window", "40000"), "context of 32768");
        assertFails(1, seer("prefill", "--text", STORY, "--tokens", "9", "--gate", folder.toString()), "config.json");
    }

    @Test
    void brokenModelsAreNamedByFileAndField() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(Demo.MODEL.resolve(name), folder.resolve(name));
        }
        Path config = folder.resolve("config.json");
        String good = Files.readString(config);
        String[] run = {"prefill", "--model", folder.toString(), "--text", STORY, "--tokens", "9", "--select", "dense"};
        Files.writeString(config, good.replace("\"hidden_size\": 256", "\"hidden_size\": \"wide\""));
        assertFails(1, seer(run), "config.json", "hidden_size", "an integer", "wide");
        Files.writeString(config, good.replace("\"hidden_size\": 256", "\"hidden_size\": 128"));
        assertFails(1, seer(run), "model.safetensors", "model.embed_tokens.weight", "[4096, 256]", "[4096, 128]");
        Files.writeString(config, good.replace("\"llama\"", "\"gpt2\""));
        assertFails(1, seer(run), "config.json", "model_type", "gpt2");
        Files.writeString(config, good.substring(0, 100));
        assertFails(1, seer(run), "config.json", "broken JSON");
        Files.writeString(config, good);
        Path weights = folder.resolve("model.safetensors");
        byte[] all = Files.readAllBytes(weights);
        Files.write(weights, java.util.Arrays.copyOf(all, all.length / 2));
        assertFails(1, seer(run), "model.safetensors");
    }

    @Test
    void verboseAddsTheStackTrace() {
        var run = seer("prefill", "--text", folder.resolve("missing.txt").toString(), "--verbose");
        assertEquals(1, run.code());
        assertTrue(run.err().contains("\tat "), run.err());
    }
}
