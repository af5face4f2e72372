package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.CommandRun;
import seer.support.Demo;

/// `seer bench attention` and `seer bench prefill`: what they print, and what they refuse.
class BenchCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();
    private static final String ONCE = " --repetitions 1 --warm-up-ms 0";
    private static final String ATTENTION = "bench attention --backend cpu --heads 2 --kv-heads 1 --head-width 16 "
            + "--block 16 --densities 1,0.2 --verify --repetitions 2 --warm-up 1 --warm-up-ms 0 ";
    private static final String PREFILL = "bench prefill --backend cpu --repetitions 2 --warm-up-ms 0 ";

    @TempDir
    private Path folder;

    private static CommandRun seer(String line) {
        return CommandRun.of(line.split(" "));
    }

    private static String printed(String line) {
        var run = seer(line);
        assertEquals(0, run.code(), run.err());
        return run.out();
    }

    private static void assertContains(String out, String... parts) {
        for (String part : parts) {
            assertTrue(out.contains(part), "wanted \"" + part + "\" in: " + out);
        }
    }

    private Path shape() throws IOException {
        return Files.writeString(folder.resolve("shape.json"), """
                {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 1,
                 "num_key_value_heads": 1, "head_dim": 64, "intermediate_size": 64, "vocab_size": 64,
                 "max_position_embeddings": 4096, "tie_word_embeddings": true, "eos_token_id": 0}
                """);
    }

    @Test
    void attentionSaysWhatRanAndHowItGrows() {
        assertContains(printed(ATTENTION + "--tokens 100,200"), "seer ", ", f32\n", "backend cpu on ", "masks: random",
                "| attention | tokens | heads |", "| dense | 100 | 2 | 1 | 16 | 16 | 1.0 | 1.0000 | 2 |",
                "| random | 200 |", "times faster than dense", "relative error", "- dense: time grows with tokens^");
    }

    @Test
    void everyFormHasTheSameRows() throws IOException {
        String line = ATTENTION + "--tokens 100 -o ";
        JsonNode report = JSON.readTree(printed(line + "json"));
        assertEquals("f32", report.at("/head/arithmetic").asText());
        assertEquals("cpu", report.at("/head/machine/backend").asText());
        assertEquals(2, report.get("rows").size());
        assertTrue(report.at("/rows/1/relative_error").asDouble() < 1e-5);
        var lines = printed(line + "jsonl").lines().map(each -> {
            try {
                return JSON.readTree(each);
            } catch (IOException e) {
                throw new AssertionError(each, e);
            }
        }).toList();
        assertEquals(2, lines.size());
        try (var csv = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get()
                .parse(new StringReader(printed(line + "csv")))) {
            var records = csv.getRecords();
            for (int i = 0; i < 2; i++) {
                assertEquals("cpu", records.get(i).get("backend"));
                assertEquals("f32", lines.get(i).get("arithmetic").asText());
                for (String column : List.of("attention", "tokens", "density")) {
                    assertEquals(records.get(i).get(column), lines.get(i).get(column).asText(), column);
                    assertEquals(records.get(i).get(column), report.get("rows").get(i).get(column).asText(), column);
                }
            }
        }
    }

    /// Between one row and the next lies at least what the next one took.
    @Test
    void rowsAppearAsTheyAreMeasured() throws IOException {
        var nanos = new ArrayList<Long>();
        var text = new StringWriter() {
            @Override
            public void flush() {
                if (toString().lines().count() > nanos.size()) {
                    nanos.add(System.nanoTime());
                }
            }
        };
        String line = PREFILL + "pp100 pp2000 --warm-up 0 -o jsonl";
        assertEquals(0, Main.run(line.split(" "), new PrintWriter(text), new PrintWriter(Writer.nullWriter())));
        List<String> rows = text.toString().lines().toList();
        assertEquals(List.of(2, 2), List.of(rows.size(), nanos.size()));
        double took = 2 * JSON.readTree(rows.get(1)).get("ttft_ms").asDouble();
        double between = (nanos.get(1) - nanos.get(0)) * 1e-6;
        assertTrue(between >= took, between + " ms between rows, the second took " + took);
    }

    @Test
    void aPlotIsAPicture() throws IOException {
        Path file = folder.resolve("growth.png");
        printed(ATTENTION + "--tokens 64,128 --plot " + file);
        assertEquals(900, ImageIO.read(file.toFile()).getWidth());
    }

    @Test
    void aGateChoosesListsOfItsLayer() throws IOException {
        JsonNode rows = JSON.readTree(printed("bench attention --backend cpu --masks gate --layer 1 --tokens 1024 "
                + "--densities 1,0.1 --verify -o json --text " + STORY + ONCE)).get("rows");
        assertEquals("gate", rows.get(1).get("attention").asText());
        assertTrue(rows.get(1).get("density").asDouble() < 0.5, rows.toString());
    }

    @Test
    void prefillReadsDenseAndSparse() {
        assertContains(printed("bench prefill --backend cpu pp100 pp200 pp200@d0.1 --text " + STORY + ONCE),
                "| pp100 | 100 | dense | 1.0000 |", "| pp200@d0.1 | 200 | gate:density=0.1 | ", "ttft ms",
                "tokens per s", "the beginning of ");
    }

    @Test
    void prefillOfAShapeSaysThatWeightsAndGatesAreRandom() throws IOException {
        assertContains(printed(PREFILL + "pp200 pp200@t0.01 --chunk 128 --shape " + shape()), "random weights",
                "random gates of 64 tokens a block", "chunks of 128 tokens", "gate:threshold=0.01");
    }

    @Test
    void tensorCoresAreNamedOnTheSimulatorToo() throws IOException {
        String simulated = " --backend simulator --precision bf16" + ONCE;
        assertContains(printed("bench attention --tokens 70 --heads 1 --kv-heads 1 --head-width 64 --densities 1,0.5 "
                + "--verify --warm-up 1" + simulated), ", bf16, wgmma\n", "no times");
        assertContains(printed("bench prefill pp70@d0.5 --warm-up 0 --shape " + shape() + simulated), ", bf16, wgmma\n",
                "| pp70@d0.5 |", "device mib");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"attention --densities 0; --densities is 0.0, wanted above 0",
        "attention --densities 2; --densities is 2.0, wanted above 0 and at most 1",
        "attention --tokens 0; --tokens is 0, wanted at least 1", "attention --tokens 5,5; wanted each once",
        "attention --heads 3 --kv-heads 2; --heads is 3, wanted a multiple of --kv-heads",
        "attention --head-width 6; --head-width is 6, wanted a multiple of 4",
        "attention --block 5000; --block is 5000",
        "attention --tokens 2000000; --tokens x --heads x --head-width is 8192000000",
        "attention --repetitions 0; --repetitions is 0, wanted 1 to", "attention --warm-up 0; --warm-up is 0",
        "attention --masks gate; --masks gate without --text", "attention --text x; --text with --masks random",
        "attention --layer 1; --layer with --masks random", "attention --gate x; --gate with --masks random",
        "prefill pp8 --gate x; nothing uses gates", "attention --model x; --model with --masks random",
        "attention --masks gate --text x --heads 4; are the model's",
        "attention --plot no/such.png --tokens 1,2; its folder does not exist",
        "attention --plot x.png --tokens 5; wanted at least two", "attention -o xml; xml", "attention --masks x; x",
        "attention --kernel-times --backend cpu --tokens 8; --kernel-times with f32 on backend cpu, wanted bf16",
        "attention --precision bf16 --backend cpu; which computes in f32",
        "attention --masks gate --text demo-model/thursday.txt --tokens 99 --layer 99 --backend cpu; --layer is 99",
        "prefill ppx; test is \"ppx\", wanted ppN", "prefill pp5 pp5; wanted each once",
        "prefill --chunk 1; --chunk is 1",
        "prefill --shape nope; is nope, wanted one of [llama-3.1-8b, llama-3.2-1b, qwen2.5-7b] or a config.json",
        "prefill --shape llama-3.2-1b --model x; --model with --shape", "prefill --model nowhere; no such folder",
        "prefill pp40000 --backend cpu; wanted at most the model's context of 32768 tokens",
        "--heads 4 prefill; --heads stands before prefill", "nothing; 'nothing' is no command"})
    void wrongUseEndsWithASentenceAndCode2(String line, String part) {
        var run = seer("bench " + line);
        assertEquals(2, run.code(), run.err() + run.out());
        assertTrue(run.err().contains(part), "wanted \"" + part + "\" in: " + run.err());
        assertFalse(run.err().contains("\tat "), run.err());
    }
}
