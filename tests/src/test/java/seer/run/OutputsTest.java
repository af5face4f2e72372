package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.eval.SamplesLock;
import seer.model.attention.ForcedBlocks;
import seer.support.CommandRun;
import seer.support.Demo;

/// What results are of, what stands above them, and where they go.
class OutputsTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();
    private static final String QUICK = "eval perplexity --lengths 64 --windows 1 --select dense ";

    @TempDir
    private Path folder;

    private static CommandRun seer(String line) {
        return CommandRun.of(line.split(" "));
    }

    private static void assertFails(int code, String line, String... parts) {
        var run = seer(line);
        assertEquals(code, run.code(), run.err() + run.out());
        for (String part : parts) {
            assertTrue(run.err().contains(part), "wanted \"" + part + "\" in: " + run.err());
        }
        assertFalse(run.err().contains("\tat "), run.err());
    }

    private Path text(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, Files.readString(Path.of(STORY)).substring(0, 1000 + name.length()));
    }

    @Test
    void textsOfTheSameNameAreTwo() throws IOException {
        var run = seer(QUICK + "--format csv --text " + text("a/one.txt") + " " + text("b/one.txt"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("perplexity,a/one.txt+b/one.txt,64,dense,0,2,"), run.out());
        var recall = seer("eval recall --lengths 64 --format csv --select meanpool:density=0.5 --text "
                + folder.resolve("a") + " " + folder.resolve("b"));
        assertTrue(recall.out().contains("recall,a/one.txt,64") && recall.out().contains("recall,b/one.txt,64"),
                recall.out() + recall.err());
        assertFails(2, QUICK + "--text " + folder.resolve("a") + " " + folder.resolve("a/one.txt"), "the same twice");
    }

    @Test
    void adaptersOfTheSameNameAreTwo() throws IOException {
        for (String name : List.of("x/gate", "y/gate")) {
            Files.createDirectories(folder.resolve(name));
            for (String file : List.of("config.json", "attn_gate_weights.safetensors")) {
                Files.copy(Demo.GATE.resolve(file), folder.resolve(name).resolve(file));
            }
        }
        var run = seer("eval perplexity --lengths 512 --windows 1 --format csv --select gate:density=0.5"
                + " --compare-gate " + folder.resolve("x/gate") + " --compare-gate " + folder.resolve("y/gate"));
        assertEquals(0, run.code(), run.err());
        for (String label : List.of("gate:density=0.5 (x/gate)", "gate:density=0.5 (y/gate)")) {
            assertTrue(run.out().lines().anyMatch(line -> line.contains("," + label + ",")
                    && line.contains(",gate:density=0.5,0.0,")), run.out());
        }
        run = seer("eval perplexity --lengths 512 --windows 1 --format csv --select gate:density=0.5 --gate "
                + folder.resolve("x/gate") + " --compare-gate " + folder.resolve("y/gate"));
        assertTrue(run.out().contains(",gate:density=0.5 (y/gate),"), "not the name of --gate's own: " + run.out());
        assertFails(2, "eval perplexity --compare-gate demo-model/gate --compare-gate demo-model/../demo-model/gate",
                "--compare-gate has the same twice");
        run = seer("eval perplexity --lengths 512 --windows 1 --format csv --select gate:density=0.5 --compare-gate "
                + "demo-model/../demo-model/gate");
        assertTrue(run.out().contains(",gate:density=0.5 (gate),"), "beside itself it has a name: " + run.out());
    }

    @Test
    void datasetsKeepTheirNamesAndRecordsOfOneIdAreTwo() throws IOException {
        String record = "{\"input\": \"Who?\", \"context\": \"Nobody.\", \"answers\": [\"Nobody\"], "
                + "\"_id\": \"same\"}\n";
        Files.writeString(folder.resolve("qasper.jsonl"), record + record);
        Files.writeString(folder.resolve("qasper_e.jsonl"), record);
        var run = seer("eval longbench --length 64 --format csv --select dense --data " + folder);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("longbench,qasper,64,dense,0,2,"), run.out());
        assertTrue(run.out().contains("longbench,qasper_e,64,dense,0,1,"), run.out());
    }

    @Test
    void theHeadOfATableSaysWhatIsForcedAndWhatWarmsUp() throws IOException {
        String line = "prefill --text " + STORY + " --tokens 512 --new-tokens 1 --dense-last-rows 2 --select "
                + "meanpool:density=0.1";
        String out = seer(line).out();
        var forced = new ForcedBlocks(2, out.contains("the first block of each row"));
        String share = String.format(java.util.Locale.ROOT, "(%.3f of all here)", Conditions.share(forced, 8));
        for (String part : List.of("forced ones count: the diagonal", "the last 2 rows of blocks", share,
                "can exceed what a selector asks for", "first reads up to 512 tokens, which do not count")) {
            assertTrue(out.contains(part), "wanted \"" + part + "\" in: " + out);
        }
        out.lines().forEach(each -> assertEquals(each.stripTrailing(), each, "nothing after the last word"));
        var json = new ObjectMapper().readTree(seer(line + " --json").out()).get("conditions");
        assertEquals(2, json.get("dense_last_rows").asInt());
        assertEquals(512, json.get("warm_up_tokens").asInt());
        assertEquals(Conditions.share(forced, 8), json.get("forced_share").asDouble(), 1e-12);
        String dense = seer(line.replace("meanpool:density=0.1", "dense") + " --no-warm-up").out();
        assertFalse(dense.contains("forced") || dense.contains("warm-up"), dense);
    }

    @Test
    void forcedSharesAreThoseOfTheMap() {
        assertEquals(2.0 * 4 / (4 * 5), Conditions.share(ForcedBlocks.NONE, 4), 1e-12);
        assertEquals((1 + 1 + 3 + 4) / 10.0, Conditions.share(new ForcedBlocks(2, false), 4), 1e-12);
        assertEquals((1 + 2 + 2 + 4) / 10.0, Conditions.share(new ForcedBlocks(1, true), 4), 1e-12);
        assertEquals(1, Conditions.share(new ForcedBlocks(9, true), 3), 1e-12);
    }

    @Test
    void outputsThatCannotBeWrittenAreRefusedBeforeAnythingIsMeasured() throws IOException {
        Path place = Files.createDirectory(folder.resolve("place"));
        assertFails(2, QUICK + "--out " + place, "a folder, wanted the beginning of files' names");
        assertFails(2, QUICK + "--plot " + place, "--plot is " + place + ", a folder");
        assertFails(2, QUICK + "--out /", "/, a folder");
        assertFails(2, QUICK + "--out " + folder.resolve("no/x"), "its folder does not exist");
        Files.createDirectory(folder.resolve("x.csv"));
        assertFails(1, QUICK + "--out " + folder.resolve("x"), "x.csv cannot be written: a folder of this name");
        Files.createDirectory(folder.resolve("p-time.svg"));
        assertFails(1, QUICK + "--plot " + folder.resolve("p.png"), "p-time.svg cannot be written");
        assertFails(1, "demo --tokens 600 --picture " + place, "place cannot be written: a folder of this name");
    }

    @ParameterizedTest
    @CsvSource({"prefill,--text", "prefill,--model", "prefill,--gate", "demo,--picture", "eval perplexity,--text",
        "eval perplexity,--out", "eval perplexity,--plot", "eval perplexity,--compare-gate", "eval longbench,--data",
        "train-gate,--out", "train-gate,--text", "calibrate,--gate", "eval ablation,--train-text"})
    void anEmptyWordIsNoPath(String command, String option) {
        assertFails(2, command + " " + option + "=", option + " is '', wanted the name of a file or folder");
    }

    @Test
    void draftsOfAKilledRunGoWithTheNextRunOfTheSameOutput() throws IOException {
        for (String name : List.of("x.md", "x.csv", "x.json", "x-samples.csv", "p.png", "p-time.svg")) {
            Files.writeString(folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp"), "half of it");
        }
        var run = seer("eval table --methods meanpool --densities 0.5 --lengths 64 --windows 1 --prompts 0 "
                + "--recall-windows 0 --out " + folder.resolve("x") + " --plot " + folder.resolve("p"));
        assertEquals(0, run.code(), run.err());
        try (var files = Files.list(folder)) {
            assertEquals(List.of("p-time.png", "p-time.svg", "p.png", "p.svg", "x-samples.csv", "x.csv", "x.json",
                    "x.md"), files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    /// Whoever opens a file of results later finds in it what ran where, and what was computed whatever was chosen.
    @Test
    void filesOfAnEvaluationSayWhereItRanAndWhatIsForced() throws IOException {
        String table = "eval table --methods meanpool --densities 0.5 --lengths 64 --windows 1 --prompts 0 "
                + "--recall-windows 0 --out ";
        for (String line : List.of(table, QUICK + "--select meanpool:density=0.5 --out ")) {
            for (boolean keepFirst : new boolean[] {true, false}) {
                Path out = folder.resolve("say" + line.length() + keepFirst);
                var run = seer(line + out + (keepFirst ? "" : " --no-keep-first"));
                assertEquals(0, run.code(), run.err());
                String file = Files.readString(Path.of(out + ".md"));
                for (String text : List.of(run.out(), file)) {
                    assertTrue(text.contains("backend cpu on ") && text.contains("7,344,384 parameters"), text);
                    assertEquals(keepFirst, text.contains("the first block of each row"), text);
                }
                var json = new ObjectMapper().readTree(Path.of(out + ".json").toFile());
                assertEquals(keepFirst, json.get("conditions").get("keep_first").asBoolean(), json.toString());
            }
        }
    }

    @Test
    void twoTablesAreNeverWrittenToOnePlace() throws IOException {
        String line = "eval table --methods meanpool --densities 0.5 --lengths 64 --windows 1 --prompts 0 "
                + "--recall-windows 0 --out " + folder.resolve("x");
        Path samples = folder.resolve("x-samples.csv");
        try (var _ = SamplesLock.of(samples)) {
            assertFails(1, line, samples + " is being written by another run");
            assertThrows(IllegalStateException.class, () -> SamplesLock.of(samples));
        }
        assertEquals(0, seer(line).code());
    }

    @Test
    void brokenSamplesEndWithASentence() throws IOException {
        Files.writeString(folder.resolve("x-samples.csv"), "run,measure\n");
        assertFails(1, "eval table --render-only --out " + folder.resolve("x"), "x-samples.csv: has the columns");
    }

    @Test
    void aModelWithoutGatesSaysWhatCanBeDone() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model")); // not even a model: the gates are looked for first
        for (String line : List.of("prefill --text " + STORY, "perplexity --text " + STORY + " --compare gate",
                "eval perplexity --select gate", "eval retrieval --select dense --select gate:density=0.1")) {
            assertFails(1, line + " --model " + model, "model has no gates: there is no " + model.resolve("gate")
                    .resolve("config.json"), "seer train-gate --model", "--select dense", "--select meanpool");
        }
        assertFails(1, "eval table --methods gate --model " + model + " --out " + folder.resolve("x"),
                "--methods meanpool");
        assertFails(1, "calibrate --density 0.1 --text " + STORY + " --model " + model, "seer train-gate");
        assertFails(1, "eval recall --select gate --gate " + folder, "--gate " + folder + " is no folder of gates");
        assertFails(1, "eval recall --select meanpool:density=0.1 --model " + model, "config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"complete", "complete --text x", "eval complete", "eval complete --text x"})
    void anUnknownCommandNamesTheOnesThereAre(String line) {
        assertFails(2, line, "'complete' is no command, wanted one of ", "perplexity");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"bench --tokens 2147483647; --tokens x --heads x --head-width is 549755813632",
        "bench --rounds 2147483647; --rounds is 2147483647, wanted 1 to", "bench --block 2147483647; --block is",
        "bench --heads 2147483647 --groups 1; wanted at most", "bench --head-width 2147483647; wanted at most",
        "bench --rate-tokens 2147483647; wanted at most",
        "bench --threads 2147483647; --threads is 2147483647, wanted 1 to",
        "eval retrieval --lengths 2147483647; --lengths is 2147483647, wanted at most the model's context of 32768",
        "eval retrieval --prompts 2147483647; --prompts is 2147483647, wanted 1 to",
        "eval retrieval --keys 2147483647; --keys is 2147483647, wanted 1 to 4096",
        "eval retrieval --seed 9223372036854775807; --seed is", "eval perplexity --lengths -5; --lengths is -5",
        "eval perplexity --lengths 2147483647; context of 32768", "eval recall --lengths 2147483647; context of 32768",
        "eval longbench --data tests/src/test/resources/longbench --length 2147483647; context of 32768",
        "eval table --out x --densities -1; --densities is -1.0, wanted above 0 and at most 1",
        "eval table --out x --densities 0.3,NaN; --densities is NaN, wanted above 0",
        "eval ablation --out x --train-text y --densities 2; --densities is 2.0, wanted above 0 and at most 1",
        "eval table --out x --lengths 2147483647; context of 32768", "eval table --out x --prompts -1; --prompts is -1",
        "eval table --out x --windows 0 --recall-windows 0 --prompts 0; there is nothing to measure",
        "eval table --out x --keys 5000; --keys is 5000, wanted 1 to 2048"})
    void countsThatCannotBeAreRefusedByTheirOption(String line, String part) {
        assertFails(2, line, part);
    }

    @Test
    void aResultThatIsNoNumberIsAnErrorThatNamesIt() {
        for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            var e = assertThrows(IllegalArgumentException.class, () -> new Row("gate:density=0.1", false, 0.1, null,
                    null, null, null, null, null, wrong, null, null));
            assertTrue(e.getMessage().startsWith("perplexity with gate:density=0.1 is " + wrong), e.getMessage());
            var out = new StringWriter();
            e = assertThrows(IllegalArgumentException.class, () -> Printer.json(
                    Map.of("rows", List.of(Map.of("ms", 1.5), Map.of("ms", wrong))), new PrintWriter(out)));
            assertEquals("result.rows[1].ms is " + wrong + ", wanted a finite number", e.getMessage());
            assertEquals("", out.toString(), "nothing is printed of it");
        }
        assertFails(1, "prefill --text " + STORY + " --tokens 1 --perplexity --select dense --no-warm-up",
                "the prompt has 1 token, wanted at least 2");
    }

    @Test
    void theDemoNeedsATextLongerThanItsPrompt() throws IOException {
        assertFails(1, "demo --tokens 600 --text " + text("short.txt"), "short.txt has ",
                "wanted more than --tokens, 600");
    }

    @Test
    void anAblationSaysBeforeItsTrainingsWhatItCannotMeasure() throws IOException {
        String line = "eval ablation --study drop --steps 9999999 --length 128 --out " + folder.resolve("out")
                + " --train-text " + text("train.txt") + " --text ";
        Path one = text("one.txt");
        assertFails(2, line + one + " --lengths 128,40000", "--lengths is 40000, wanted at most the model's context");
        assertFails(1, line + one + " --lengths 128,16384", "wanted at least one window of 16384");
        assertFails(1, line + STORY + " --lengths 128,16384", "the training text has ", "one sequence of 16384");
        assertFails(1, line + folder.resolve("none.txt") + " --lengths 128", "none.txt: wanted a file, got nothing");
    }

    @Test
    @Tag("slow")
    void gatesAndSamplesOfAnotherStudyAreNeverTaken() throws IOException {
        String line = "eval ablation --study drop --length 128 --batch 1 --lengths 128 --windows 1 --densities 0.5 "
                + "--train-text " + text("train.txt") + " --out " + folder.resolve("out") + " --text ";
        Path one = text("a/one.txt");
        assertEquals(0, seer(line + one + " --steps 1").code());
        assertEquals(0, seer(line + one + " --steps 1").code(), "it goes on");
        assertFails(1, line + one + " --steps 2", "settings.txt: wanted l128-s2-b1-", "name another --out");
        assertFails(1, line + text("bb/one.txt") + " --steps 1", "samples.csv: line 2: its run is ");
    }
}
