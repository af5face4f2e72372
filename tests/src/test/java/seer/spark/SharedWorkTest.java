package seer.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.eval.Sample;
import seer.eval.Samples;
import seer.model.load.SafetensorsFile;
import seer.model.load.Utf8Text;
import seer.support.CommandRun;
import seer.support.Demo;

/// Evaluation and training whose work is shared by Spark's tasks: what comes out is what one process gives.
class SharedWorkTest {
    @TempDir
    private Path folder;

    @AfterEach
    void closeModels() {
        Engines.close();
    }

    private static CommandRun seer(List<String> arguments, String... more) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return CommandRun.of(all);
    }

    private Path text(int letters) throws IOException {
        String novel = Utf8Text.read(Demo.MODEL.resolve("thursday.txt"));
        return Files.writeString(folder.resolve("text.txt"), novel.substring(0, letters));
    }

    @Tag("slow")
    @Test
    void aTableIsTheSameAndGoesOnWithWhatIsWritten() throws IOException {
        var table = List.of("eval", "table", "--backend", "cpu", "--text", text(20_000).toString(), "--methods",
                "gate,gate:threshold,meanpool", "--densities", "0.5", "--lengths", "512", "--families", "single",
                "--prompts", "2", "--windows", "2", "--recall-windows", "1", "--format", "csv");
        String alone = folder.resolve("alone").toString();
        String shared = folder.resolve("shared").toString();
        assertEquals(0, seer(table, "--out", alone).code());
        var run = seer(table, "--out", shared, "--spark", "local[2]");
        assertEquals(0, run.code(), run.err());
        var wanted = Samples.read(Path.of(alone + "-samples.csv"), null).all();
        var got = Samples.read(Path.of(shared + "-samples.csv"), null).all();
        assertEquals(wanted.keySet(), got.keySet());
        assertEquals(4 * (2 + 2 + 1) + 1, got.size());
        wanted.forEach((key, sample) -> assertEquals(facts(sample), facts(got.get(key)), key.toString()));
        // Without one of them, only that one is measured again.
        Path samples = Path.of(shared + "-samples.csv");
        var lines = Files.readAllLines(samples);
        String lost = lines.removeLast();
        Files.write(samples, lines);
        assertEquals(0, seer(table, "--out", shared, "--spark", "local[2]").code());
        var again = Files.readAllLines(samples);
        assertTrue(again.containsAll(lines), "what was there stays to the letter, times too");
        assertEquals(lines.size() + 1, again.size());
        assertFalse(again.contains(lost), "its times are new");
    }

    private static List<Double> facts(Sample sample) {
        return List.of(sample.value(), sample.weight(), sample.density());
    }

    @Test
    void aTrainingGivesTheSameWeightsAndGoesOnFromItsCheckpoint() throws IOException {
        var training = List.of("train-gate", "--backend", "cpu", "--text", text(30_000).toString(), "--length",
                "300,200", "--batch", "3", "--warmup", "1", "--retrieval", "0.5", "--gate", "one:block=32", "--gate",
                "two:block=32,loss=mse", "--checkpoint-every", "2");
        Path alone = folder.resolve("alone");
        Path shared = folder.resolve("shared");
        assertEquals(0, seer(training, "--steps", "4", "--out", alone.toString()).code());
        var run = seer(training, "--steps", "4", "--out", shared.toString(), "--spark", "local[2]");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("step 4 of 4: loss "), run.out());
        for (String gate : List.of("one", "two")) {
            compare(alone.resolve(gate), shared.resolve(gate));
        }
        Path checkpoint = Path.of("training/checkpoint.safetensors");
        try (var file = SafetensorsFile.open(shared.resolve(checkpoint))) {
            assertEquals("4", file.metadata().get("step"));
        }
        assertEquals(Files.readAllLines(alone.resolve("training/metrics.csv")).size(),
                Files.readAllLines(shared.resolve("training/metrics.csv")).size());
        // A run of Spark's goes on from the checkpoint of one alone, and the other way round.
        assertEquals(0, seer(training, "--steps", "4", "--out", alone.toString(), "--resume", "--spark", "local[2]")
                .code());
        compare(alone.resolve("one"), shared.resolve("one"));
    }

    private static void compare(Path wanted, Path got) {
        try (var first = SafetensorsFile.open(wanted.resolve("attn_gate_weights.safetensors"));
                var second = SafetensorsFile.open(got.resolve("attn_gate_weights.safetensors"))) {
            assertEquals(first.names(), second.names());
            for (String name : first.names()) {
                assertArrayEquals(first.tensor(name).floats(), second.tensor(name).floats(), 1e-6f, name);
            }
        }
    }
}
