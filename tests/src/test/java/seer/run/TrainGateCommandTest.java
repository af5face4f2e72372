package seer.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.AttnGate;
import seer.model.load.SafetensorsFile;
import seer.support.CommandRun;
import seer.support.Demo;

/// Training and calibrating on the command line.
class TrainGateCommandTest {
    @TempDir
    private Path folder;
    private Path text;

    private static CommandRun seer(List<String> arguments) {
        return CommandRun.of(arguments);
    }

    private CommandRun train(String... more) {
        var arguments = new ArrayList<>(List.of("train-gate", "--backend", "cpu", "--text", text.toString(), "--length",
                "300,200", "--steps", "3", "--batch", "1", "--warmup", "1"));
        arguments.addAll(List.of(more));
        return seer(arguments);
    }

    @BeforeEach
    void writeText() throws IOException {
        text = folder.resolve("text.txt");
        Files.writeString(text, Files.readString(Demo.MODEL.resolve("thursday.txt")).substring(0, 20_000));
    }

    @Test
    void aTrainingWritesAdaptersMetricsAndAPlotAndGoesOnOnlyWhenAsked() throws IOException {
        Path out = folder.resolve("out");
        String[] gates = {"--gate", "one", "--gate", "two:block=32,loss=mse", "--out", out.toString(), "--plot"};
        var run = train(gates);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("step 3 of 3: loss "), run.out());
        for (String part : List.of("3 steps of 1 sequences, 300 or 200 tokens in a sequence: about 750 tokens to ",
                "MiB for keys, values and one chunk, 12 MiB for the gates")) {
            assertTrue(run.out().contains(part), "wanted \"" + part + "\" in: " + run.out());
        }
        var steps = run.out().lines().filter(line -> line.startsWith("step ")).toList();
        assertEquals(3, steps.size());
        for (String line : steps) {
            assertTrue(line.matches("step \\d of 3: loss one [0-9.]+ two [0-9.]+, kl one [0-9.]+ two [0-9.]+ nats, "
                    + "[0-9,]+ tokens/s(, \\d+ s left)?"), line);
            assertEquals(!line.startsWith("step 3"), line.endsWith(" left"), line);
        }
        assertEquals(64, AttnGate.open(out.resolve("one"), Demo.model()).config().block());
        assertEquals(32, AttnGate.open(out.resolve("two"), Demo.model()).config().block());
        List<String> lines = Files.readAllLines(out.resolve("training/metrics.csv"));
        assertEquals("step,rate,tokens,seconds,tokens_per_s,one_loss,one_kl_nats,one_gradient_norm,two_loss,"
                + "two_kl_nats,two_gradient_norm", lines.getFirst());
        assertEquals(4, lines.size());
        assertTrue(ImageIO.read(out.resolve("training/loss.png").toFile()).getWidth() > 100);
        var again = train(gates);
        assertEquals(2, again.code());
        assertTrue(again.err().contains("checkpoint.safetensors is there: give --resume to go on from it"),
                again.err());
        assertEquals(0, train("--gate", "one", "--gate", "two:block=32,loss=mse", "--out", out.toString(), "--resume")
                .code());
        assertEquals(lines, Files.readAllLines(out.resolve("training/metrics.csv")));
    }

    /// At a rate that changes nothing the weights stay those that it began with.
    @Test
    void aTrainingBeginsWithAnotherAdaptersWeights() throws IOException {
        Path out = folder.resolve("out");
        Path other = folder.resolve("other");
        String[] gates = {"--from", Demo.MODEL.resolve("gate").toString(), "--lr", "1e-20", "--retrieval", "0"};
        var arguments = new ArrayList<>(List.of(gates));
        arguments.addAll(List.of("--out", out.toString()));
        var run = train(arguments.toArray(String[]::new));
        assertEquals(0, run.code(), run.err());
        assertEquals(Demo.gate().fingerprint(), AttnGate.open(out, Demo.model()).fingerprint());
        assertTrue(Files.readString(out.resolve("config.json")).contains("begun with the weights of gate"));
        var unlike = train("--from", Demo.MODEL.resolve("gate").toString(), "--gate", "g:width=32", "--out",
                other.toString());
        assertEquals(2, unlike.code());
        assertTrue(unlike.err().contains("gate g has other weights than gate, wanted its shape"), unlike.err());
        var resumed = train("--out", out.toString(), "--lr", "1e-20", "--retrieval", "0", "--resume");
        assertEquals(1, resumed.code());
        assertTrue(resumed.err().contains("from"), resumed.err());
    }

    @Test
    void aSingleGateStandsInTheFolderItselfAndCanBeCalibratedAndUsed() throws IOException {
        Path out = folder.resolve("out");
        assertEquals(0, train("--out", out.toString(), "--bf16", "--retrieval", "0").code());
        try (var file = SafetensorsFile.open(out.resolve("attn_gate_weights.safetensors"))) {
            assertEquals("BF16", file.tensor("model.layers.0.self_attn.attn_gate.mask_linear_k.weight").type().name());
        }
        var use = List.of("prefill", "--backend", "cpu", "--gate", out.toString(), "--text", text.toString(),
                "--tokens", "600", "--new-tokens", "0", "--select", "gate", "--no-warm-up");
        var early = seer(use);
        assertEquals(1, early.code());
        assertTrue(early.err().contains("seer: these gates carry no threshold"), early.err());
        var calibrated = seer(List.of("calibrate", "--backend", "cpu", "--gate", out.toString(), "--text",
                text.toString(), "--length", "512,1024", "--windows", "2", "--density", "0.5,0.4"));
        assertEquals(0, calibrated.code(), calibrated.err());
        String stored = Files.readString(out.resolve("config.json"));
        assertTrue(stored.contains("seer_threshold_lengths"), stored);
        for (var wrong : List.of(List.of("1024,512", "0.4", "rising"), List.of("512,1024", "0.4,0.3,0.2", "has 3"))) {
            var refused = seer(List.of("calibrate", "--backend", "cpu", "--gate", out.toString(), "--text",
                    text.toString(), "--length", wrong.get(0), "--density", wrong.get(1)));
            assertEquals(2, refused.code());
            assertTrue(refused.err().contains(wrong.get(2)), refused.err());
        }
        var used = seer(use);
        assertEquals(0, used.code(), used.err());
        assertTrue(used.out().contains("gate:calibrated"), used.out());
    }

    @Test
    void aTrainingThatCannotEndIsToldBeforeAndEndsInOneSentence() throws IOException {
        Path out = folder.resolve("out");
        var run = seer(List.of("train-gate", "--backend", "cpu", "--text", text.toString(), "--out", out.toString(),
                "--length", "300", "--steps", "40", "--batch", "1", "--retrieval", "0", "--lr", "1e38", "--clip",
                "1e38", "--warmup", "0"));
        assertEquals(1, run.code(), run.out());
        assertTrue(run.out().contains("a sequence of 300 tokens takes "), run.out());
        assertTrue(run.out().contains(" s here, timed once after one to warm up: "), run.out());
        assertTrue(run.err().startsWith("seer: gate gate, step 1 of 40: ") && run.err().contains("has diverged"),
                run.err());
        assertFalse(Files.exists(out.resolve("config.json")));
        assertFalse(Files.exists(out.resolve("training/checkpoint.safetensors")));
    }

    @Test
    void theGatesOfACheckpointAreExported() throws IOException {
        Path out = folder.resolve("out");
        assertEquals(0, train("--out", out.toString(), "--retrieval", "0").code());
        byte[] weights = Files.readAllBytes(out.resolve("attn_gate_weights.safetensors"));
        Files.delete(out.resolve("attn_gate_weights.safetensors"));
        Files.delete(out.resolve("config.json"));
        var run = seer(List.of("train-gate", "--backend", "cpu", "--out", out.toString(), "--export"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("3 of 3 steps were made") && run.out().contains("Written: " + out), run.out());
        assertArrayEquals(weights, Files.readAllBytes(out.resolve("attn_gate_weights.safetensors")));
        assertEquals(393_216, AttnGate.open(out, Demo.model()).parameters());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--export --resume | --export trains nothing, wanted it without --resume",
        "--resume | --text is missing, wanted what to train on"})
    void whatDoesNotGoTogetherIsRefused(String options, String sentence) {
        var arguments = new ArrayList<>(List.of("train-gate", "--backend", "cpu", "--out", folder.toString()));
        arguments.addAll(List.of(options.split(" ")));
        var run = seer(arguments);
        assertEquals(2, run.code());
        assertTrue(run.err().contains("seer: " + sentence), run.err());
    }

    @ParameterizedTest
    @CsvSource({"0.4, 0 s", "119, 119 s", "121, 2 min", "7199, 120 min", "7201, 2 h 0 min", "12000, 3 h 20 min",
        "200000, 2 d 8 h", "86390000, 999 d 21 h"})
    void timesThatPeopleWaitAreInUnitsOfTheirs(double seconds, String words) {
        assertEquals(words, TimeLeft.words(seconds));
    }

    @Test
    void measuringPrintsTheRatioAndTrainsNothing() {
        var run = train("--measure", "1");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("300 tokens, 1 gate: dense prefill "), run.out());
        assertTrue(run.out().contains("ratio "), run.out());
        assertTrue(run.out().contains("3 steps of 1 sequence take "), run.out());
        assertFalse(Files.exists(folder.resolve("training")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--steps 0 | steps is 0, wanted at least 1", "--batch 0 | batch is 0", "--length 0 | length is 0",
        "--length 40000 | length is 40000, the model's context is 32768 tokens", "--clip 0 | clip is 0.0",
        "--retrieval 2 | --retrieval is 2.0, wanted 0 to 1", "--warmup -1 | warm-up is -1",
        "--weight-decay -1 | weight decay is -1.0", "--checkpoint-every 0 | --checkpoint-every is 0",
        "--weight-decay Infinity | weight decay is Infinity", "--lr Infinity | learning rate is Infinity",
        "--gate g:loss=x | gate is \"g:loss=x\"", "--model nowhere | --model nowhere: no such folder",
        "--text nowhere.txt | --text nowhere.txt: no such file", "--measure 0 | --measure is 0",
        "--measure 2147483647 | --measure is 2147483647, wanted 1 to",
        "--length 30000 --retrieval 0 | the training text has "})
    void whatCannotBeIsRefusedInOneSentence(String options, String sentence) {
        var all = new ArrayList<>(List.of("--out", folder.resolve("out").toString()));
        all.addAll(List.of(options.split(" ")));
        var arguments = new ArrayList<>(List.of("train-gate", "--backend", "cpu", "--steps", "2", "--batch", "1",
                "--length", "200"));
        if (!options.startsWith("--text")) {
            arguments.addAll(List.of("--text", text.toString()));
        }
        for (int i = 0; i < all.size(); i += 2) {
            int at = arguments.indexOf(all.get(i));
            if (at >= 0 && !all.get(i).equals("--text")) {
                arguments.set(at + 1, all.get(i + 1));
            } else {
                arguments.addAll(all.subList(i, i + 2));
            }
        }
        var run = seer(arguments);
        assertTrue(run.code() == 2 || run.code() == 1, "exit code " + run.code());
        assertTrue(run.err().contains(sentence), run.err());
        assertFalse(run.err().contains("\tat "), run.err());
    }

    @Test
    void withoutAFolderNothingStarts() {
        var run = train();
        assertEquals(2, run.code());
        assertTrue(run.err().contains("seer: --out is missing, wanted a folder for the adapter"), run.err());
    }
}
