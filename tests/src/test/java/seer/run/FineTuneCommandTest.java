package seer.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.CommandRun;
import seer.support.Demo;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Fine-tuning on the command line.
class FineTuneCommandTest {
    @TempDir
    private Path folder;
    private Path text;
    private Path model;

    private static CommandRun seer(List<String> arguments) {
        return CommandRun.of(arguments);
    }

    private CommandRun tune(Path out, String... more) {
        var arguments = new ArrayList<>(List.of("finetune", "--model", model.toString(), "--text", text.toString(),
                "--out", out.toString(), "--batch", "2", "--lr", "0.001"));
        arguments.addAll(List.of(more));
        var usual = Map.of("--backend", "cpu", "--steps", "3", "--length", "200,120");
        usual.forEach((option, value) -> {
            if (!arguments.contains(option)) {
                arguments.addAll(List.of(option, value));
            }
        });
        return seer(arguments);
    }

    @BeforeEach
    void writeModelAndText() throws IOException {
        text = folder.resolve("text.txt");
        Files.writeString(text, Files.readString(Demo.MODEL.resolve("thursday.txt")).substring(0, 20_000));
        model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(model.resolve("gate"), open);
        }
    }

    @Test
    void aTunedModelOpensAgainAndIsReadByItsOwnGates() throws IOException {
        Path out = folder.resolve("out");
        String[] how = {"--yarn", "2", "--gate-weight", "10", "--density", "0.3..0.5", "--plot"};
        var run = tune(out, how);
        assertEquals(0, run.code(), run.err());
        for (String part : List.of("train all: 119,544 parameters", "context 8,192 tokens; attention "
                + "gate:density=0.3..0.5, gates trained beside", "step 3 of 3: loss ", "Written: " + out + "\n",
                "Written: " + out.resolve("gate"))) {
            assertTrue(run.out().contains(part), "wanted \"" + part + "\" in: " + run.out());
        }
        var lines = Files.readAllLines(out.resolve("training/metrics.csv"));
        assertEquals("step,rate,tokens,seconds,tokens_per_s,loss,density,gradient_norm,gate_loss,gate_kl_nats",
                lines.getFirst());
        assertEquals(4, lines.size());
        assertTrue(ImageIO.read(out.resolve("training/loss.png").toFile()).getWidth() > 100);
        var read = seer(List.of("prefill", "--backend", "cpu", "--model", out.toString(), "--text", text.toString(),
                "--tokens", "6000", "--new-tokens", "0", "--select", "gate:density=0.3", "--no-warm-up"));
        assertEquals(0, read.code(), read.err());
        assertTrue(read.out().contains("gate:density=0.3"), read.out());
        var info = seer(List.of("info", out.toString()));
        assertEquals(0, info.code(), info.err());
        assertTrue(info.out().toLowerCase(java.util.Locale.ROOT).contains("yarn"), info.out());
        var again = tune(out, how);
        assertEquals(2, again.code());
        assertTrue(again.err().contains("checkpoint.safetensors is there: give --resume to go on from it"),
                again.err());
        var more = new ArrayList<>(List.of(how));
        more.add("--resume");
        assertEquals(0, tune(out, more.toArray(String[]::new)).code());
        assertEquals(lines, Files.readAllLines(out.resolve("training/metrics.csv")));
    }

    @Test
    void theDenseBaselineAndLowRanksNeedNoGatesAndNoStretching() throws IOException {
        Path out = folder.resolve("out");
        var run = tune(out, "--dense", "--train", "lora=2", "--bf16");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("density 1.000"), run.out());
        assertTrue(Files.notExists(out.resolve("gate")), "no adapter");
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(out, backend)) {
            assertEquals(4096, open.config().contextLength());
        }
    }

    /// What a training that was cut short has learned so far.
    @Test
    void aCheckpointIsWrittenAsItStands() throws IOException {
        Path out = folder.resolve("out");
        String[] how = {"--dense", "--checkpoint-every", "2", "--steps", "3"};
        assertEquals(0, tune(out, how).code());
        byte[] trained = Files.readAllBytes(out.resolve("model.safetensors"));
        Files.delete(out.resolve("model.safetensors"));
        var more = new ArrayList<>(List.of(how));
        more.add("--export");
        var run = tune(out, more.toArray(String[]::new));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("3 of 3 steps were made"), run.out());
        assertArrayEquals(trained, Files.readAllBytes(out.resolve("model.safetensors")));
        var nothing = tune(folder.resolve("nothing"), "--dense", "--export");
        assertEquals(1, nothing.code());
        assertTrue(nothing.err().contains("checkpoint.safetensors"), nothing.err());
    }

    /// Whole steps, dense and sparse in turns, and no trace of them.
    @Test
    void measuringTrainsNothing() {
        Path out = folder.resolve("out");
        var run = tune(out, "--measure", "1", "--density", "0.3");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().matches("(?s).*dense: step of \\d+ tokens .* density 1\\.000.*sparse: step of .*"
                + "dense / sparse \\d+\\.\\d\\d \\(median of 1 interleaved rounds\\).*"), run.out());
        assertTrue(Files.notExists(out), "nothing was written");
    }

    @Test
    void aContextIsStretchedToAsManyTokensAsAreAskedFor() throws IOException {
        Path out = folder.resolve("out");
        var run = tune(out, "--context", "10000", "--train", "attention");
        assertEquals(0, run.code(), run.err());
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(out, backend)) {
            assertEquals(10_000, open.config().contextLength());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--yarn 1 | --yarn is 1.0, wanted more than the model's context",
        "--context 4096 | --context is 4096, 1.0 times the model's, wanted more",
        "--context 9000 --yarn 2 | --yarn and --context both say how far to stretch",
        "--dense --gate-weight 1 | --gate-weight with --dense", "--dense --gate x | --gate with --dense",
        "--dense --density 0.5 | --density with --dense, which has no gates",
        "--train some | train is \"some\", wanted all, attention or lora=R",
        "--density 2 | density is 2.0, wanted above 0 and at most 1",
        "--gate nowhere | there are no gates in nowhere",
        "--length 5000 | a text of 5000 tokens does not fit the model's context of 4096 tokens",
        "--steps 0 | steps is 0, wanted at least 1",
        "--measure 1 --resume | --measure trains nothing, wanted it without --export and --resume",
        "--measure 0 | --measure is 0, wanted 1 to 1000000",
        "--backend simulator --precision bf16 --length 20 | heads are 16 wide, tensor cores are used for 64 and 128"})
    void whatCannotBeDoneIsOneSentence(String options, String sentence) {
        var run = tune(folder.resolve("out"), options.split(" "));
        assertTrue(run.code() != 0, run.out());
        assertTrue(run.err().contains("seer: " + sentence), run.err());
    }
}
