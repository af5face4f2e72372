package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.CommandRun;
import seer.support.Demo;

/// What `seer eval` prints, writes and refuses.
class EvalCommandTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();

    @TempDir
    private Path folder;

    private static CommandRun seer(List<String> arguments) {
        return CommandRun.of(arguments);
    }

    private static CommandRun seer(String line, Object... places) {
        return seer(List.of(line.formatted(places).split(" ")));
    }

    private static void assertHas(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "wanted \"" + part + "\" in: " + text);
        }
    }

    @Test
    void perplexityComparesWithABaseline() throws IOException {
        var run = seer("eval perplexity --text %s --cut 3000 --lengths 256,512 --windows 2 --select gate:density=0.3 "
                + "--baseline dense --out %s --dense-last-rows 0,2", STORY, folder.resolve("ppl"));
        assertEquals(0, run.code(), run.err());
        assertHas(run.out(), "backend cpu on ", "| perplexity | thursday.txt | 256 | dense | 0 | 2 |",
                "| perplexity | thursday.txt | 512 | gate:density=0.3 | 2 | 2 |", "| difference |");
        var lines = Files.readAllLines(folder.resolve("ppl.csv"));
        assertEquals(7, lines.size());
        var json = new ObjectMapper().readTree(folder.resolve("ppl.json").toFile());
        assertEquals("eval perplexity", json.get("command").asText());
        assertEquals(1, json.get("schema").asInt());
        assertEquals("cpu", json.get("machine").get("backend").asText());
        assertEquals("dense", json.get("rows").get(1).get("baseline").asText());
        assertTrue(json.get("rows").get(1).has("selection_ms"));
        assertHas(Files.readString(folder.resolve("ppl.md")), "| perplexity |");
    }

    @Test
    void retrievalOfGeneratedPromptsAndOfAFileAndOfTwoAdapters() throws IOException {
        var run = seer("eval retrieval --families single,frequent-words --keys 2 --lengths 320 --prompts 2 "
                + "--format csv --select dense --select gate:density=0.5 --compare-gate %s --dense-last-rows 0 "
                + "--no-keep-first", Demo.GATE);
        assertEquals(0, run.code(), run.err());
        assertHas(run.out(), "retrieval,single,320,dense,0,2,", "retrieval,frequent_words 2,320,gate:density=0.5,0,2,",
                "gate:density=0.5 (gate),0,2,", ",gate:density=0.5,0.0,0.0,0.0,");
        run = seer("eval retrieval --file %s --rows single_4096 --prompts 1 --select dense",
                Demo.DATA.resolve("retrieval.safetensors"));
        assertHas(run.out(), "| retrieval | single_4096 | 4096 | dense | 0 | 1 | 1.0000 |");
    }

    @Test
    void recallHasARowForEachHeadAndGatesARank() {
        var run = seer("eval recall --text %s --lengths 1024 --select gate:density=0.3 --heads", STORY);
        assertEquals(0, run.code(), run.err());
        assertHas(run.out(), "| recall | thursday.txt | 1024 |", "| recall | thursday.txt layer 7 head 3 | 1024 |");
        run = seer("eval recall --text %s --lengths 1024 --rank", STORY);
        assertHas(run.out(), "| rank_correlation | thursday.txt | 1024 | gate:density=0.1 |");
        run = seer("eval recall --text %s --lengths 1024 --rank --select dense", STORY);
        assertEquals(2, run.code(), run.out());
        assertHas(run.err(), "--rank with dense attention alone, which has no scores");
    }

    @Test
    void longBenchIsReadFromItsFolder() {
        var run = seer("eval longbench --data tests/src/test/resources/longbench --length 128 --select dense");
        assertEquals(0, run.code(), run.err());
        assertHas(run.out(), "| longbench | hotpotqa | 128 | dense | 0 | 2 |", "| longbench | trec | 128 | dense |");
    }

    @Test
    void aTableThatWasCutOffGoesOnWhereItStopped() throws IOException {
        Path out = folder.resolve("table");
        String command = "eval table --methods gate,gate:threshold --densities 0.3 --lengths 512 --windows 1 "
                + "--prompts 1 --families single --baseline gate --dense-last-rows 0 --out " + out;
        var first = seer(command + " --plot " + folder.resolve("plot.png"));
        assertEquals(0, first.code(), first.err());
        assertHas(first.out(), "| calibration | thursday.txt | 512 | gate:threshold@0.3 |",
                "| perplexity | thursday.txt | 512 | gate:threshold@0.3 | 0 | 1 |", "| recall |",
                "| retrieval | single |");
        for (String name : List.of("plot.png", "plot.svg", "plot-time.png", "plot-time.svg", "table.md",
                "table.json")) {
            assertTrue(Files.size(folder.resolve(name)) > 500, name);
        }
        Path file = folder.resolve("table-samples.csv");
        String whole = Files.readString(file);
        var lines = new ArrayList<>(Files.readAllLines(file));
        String lost = lines.removeLast();
        Files.write(file, lines);
        assertEquals(0, seer(command).code());
        var again = Files.readAllLines(file);
        assertEquals(lines, again.subList(0, lines.size()), "what was measured stays, times and all");
        assertEquals(lines.size() + 1, again.size());
        assertEquals(lost.substring(0, lost.indexOf(",1.0,")), again.getLast().substring(0, lost.indexOf(",1.0,")));
        Files.writeString(file, whole);
        var rendered = seer(command + " --render-only --format csv");
        assertEquals(Files.readString(folder.resolve("table.csv")), rendered.out());
        var other = seer(command + " --text " + Demo.DATA.resolve("emma-excerpt.txt"));
        assertEquals(1, other.code());
        assertHas(other.err(), "table-samples.csv", "another model, gate, text, seed or backend");
        var free = seer(command + " --no-keep-first");
        assertEquals(1, free.code(), "what was measured with the first block kept does not stand for the choice alone");
        assertHas(free.err(), "table-samples.csv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"perplexity", "retrieval", "longbench", "recall", "table"})
    void helpShowsTheRealDefaults(String command) {
        var run = seer("eval " + command + " --help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("(default: "), run.out());
        assertFalse(run.out().contains("${"), run.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"eval; wanted one of perplexity, retrieval", "eval recal; recal",
        "eval perplexity --select gait:density=1; wanted dense", "eval perplexity --stride 9000; --stride is 9000",
        "eval perplexity --windows 0; --windows is 0", "eval perplexity --dense-last-rows -1; --dense-last-rows is -1",
        "eval perplexity --out no/such/x; its folder does not exist", "eval perplexity --format xml; xml",
        "eval retrieval --families none; wanted one of single, multikey", "eval retrieval --keys 0; --keys is 0",
        "eval retrieval --file x.safetensors --lengths 64; --lengths with --file, whose prompts are made already",
        "eval retrieval --rows x; --rows without --file", "eval perplexity --select dense --gate x; nothing uses gates",
        "eval recall --select dense --compare-gate x; --compare-gate where nothing uses gates",
        "eval longbench --data nowhere; no such folder", "eval longbench --data model; no file that ends with .jsonl",
        "eval table; --out is missing", "eval table --methods gait --out x; selector is \"gait:density",
        "eval table --methods gate --out x --baseline oracle; wanted dense or one of",
        "eval table --methods gate --out x --render-only; there is no x-samples.csv",
        "eval perplexity --cut 1; --cut is 1"})
    void wrongUseEndsWithASentenceAndCode2(String line, String part) {
        var run = seer(line);
        assertEquals(2, run.code(), run.err());
        assertHas(run.err(), part);
        assertFalse(run.err().contains("\tat "), run.err());
    }

    @Test
    void whatDoesNotFitEndsWithCode1() {
        var run = seer("eval perplexity --text %s --cut 100 --lengths 512", STORY);
        assertEquals(1, run.code());
        assertHas(run.err(), "100 tokens, wanted at least one window of 512");
        run = seer("eval retrieval --families multikey --keys 40 --lengths 512 --select dense");
        assertHas(run.err(), "MULTIKEY prompt of 512 tokens with 40 keys");
        run = seer("eval retrieval --file nowhere.safetensors");
        assertHas(run.err(), "nowhere.json");
        run = seer("eval recall --text %s --lengths 40000", STORY);
        assertHas(run.err(), "context of 32768");
    }
}
