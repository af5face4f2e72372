package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.DType;
import seer.support.CommandRun;
import seer.support.Demo;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// A quantized model's keys and values are kept in 16 bits, or 8, where they outgrow the weights: whatever is measured
/// or answered with such a cache says so, and nothing else does.
class CacheInResultsTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();

    @TempDir
    private static Path folder;
    private static Path model;

    @BeforeAll
    static void write() {
        model = TinyGguf.of(TinyModel.random("llama", 256, 512, 4, 4, 64, true), DType.Q4_1)
                .write(folder.resolve("tiny.gguf"));
    }

    private static CommandRun seer(String line) {
        var run = CommandRun.of((line + " --model " + model + " --backend cpu").split(" "));
        assertEquals(0, run.code(), run.err());
        return run;
    }

    private static JsonNode conditions(String line) throws IOException {
        return new ObjectMapper().readTree(seer(line).out()).get("conditions");
    }

    @Test
    void aPromptWithACacheOf16BitsSaysSo() throws IOException {
        String line = "prefill --select dense --new-tokens 0 --no-warm-up --text " + STORY + " --tokens ";
        String said = "cache: keys and values are kept as 16-bit floats; --precision f32";
        assertTrue(seer(line + 600).out().contains(said));
        assertFalse(seer(line + 60).out().contains("cache:"));
        assertFalse(seer(line + "600 --precision f32").out().contains("cache:"));
        assertEquals("f16", conditions(line + "600 --json").get("cache").asText());
        assertFalse(conditions(line + "60 --json").has("cache"));
    }

    @Test
    void anEvaluationOfSeveralLengthsSaysFromWhichOn() throws IOException {
        String line = "eval perplexity --select dense --windows 1 --text " + STORY + " --lengths ";
        assertTrue(seer(line + "64,600").out().contains("16-bit floats in sessions of 600 tokens and more; "));
        var all = conditions(line + "600 --format json");
        assertEquals("f16", all.get("cache").asText());
        assertFalse(all.has("cache_from_tokens"));
        assertEquals(600, conditions(line + "64,600 --format json").get("cache_from_tokens").asInt());
        assertFalse(conditions(line + "64 --format json").has("cache"));
    }

    @Test
    void aBenchmarkSaysItOfEachLength() throws IOException {
        String csv = seer("bench prefill pp64 pp600 --repetitions 1 --warm-up 0 --warm-up-ms 0 -o csv").out();
        try (var rows = CSVFormat.DEFAULT.builder().setHeader().get().parse(new StringReader(csv))) {
            assertEquals(List.of("", "f16"), rows.stream().map(row -> row.get("cache")).toList(), csv);
        }
    }

    @Test
    void anAnswerSaysIt() throws IOException {
        String line = "generate --plain --new-tokens 2 ";
        Path text = Files.writeString(folder.resolve("words.txt"), "word ".repeat(600));
        assertTrue(seer(line + "--text " + text).err().contains(", keys and values kept as 16-bit floats, "));
        assertFalse(seer(line + "Hi").err().contains("16-bit"));
    }

    @Test
    void eightBitsAreSaidToo() throws IOException {
        String prefill = "prefill --select dense --new-tokens 0 --no-warm-up --precision int8 --text " + STORY
                + " --tokens ";
        assertTrue(seer(prefill + 600).out().contains("cache: keys and values are kept as whole numbers of 8 bits; "));
        assertEquals("int8", conditions(prefill + "600 --json").get("cache").asText());
        assertFalse(conditions(prefill + "60 --json").has("cache"));
        Path text = Files.writeString(folder.resolve("more.txt"), "word ".repeat(600));
        assertTrue(seer("generate --plain --new-tokens 2 --precision int8 --text " + text).err()
                .contains(", keys and values kept as whole numbers of 8 bits, "));
    }

    @Test
    void aModelsDescriptionHasBoth() {
        var run = CommandRun.of("info", model.toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().matches("(?s).* of them cache in f16 and activations; in int8 [0-9]+\\), device .*"),
                run.out());
    }
}
