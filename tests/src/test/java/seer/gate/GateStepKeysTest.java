package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.backend.ElementType;
import seer.model.backend.Tensor;
import seer.support.TinyGate;
import seer.support.TinyModel;
import seer.support.WatchedRanges;

/// A gate that outlives the prefill: its keys after decoding are those of the whole text.
class GateStepKeysTest {
    @TempDir
    private Path folder;

    /// Keeps every block, so that all layers see the same however the text is read, and hands out its run.
    private static final class Watched implements BlockSelector {
        private final AttnGate gate;
        private GateRun run;

        Watched(AttnGate gate) {
            this.gate = gate;
        }

        @Override
        public String label() {
            return "watched";
        }

        @Override
        public int block() {
            return gate.config().block();
        }

        @Override
        public Run begin(Prompt prompt) {
            run = new GateRun(gate, new SelectionRule.TopBlocks(1), ForcedBlocks.NONE, prompt);
            return run;
        }
    }

    @ParameterizedTest
    @CsvSource({"cpu, Qavg_Kmaxminavg, 16, false, 100, 300, 70, 16", "cpu, Qavg_Kmaxminavg, 16, false, 96, 32, 70, 4",
        "cpu, Qmaxmin_Kavg, 8, true, 37, 16, 70, 8", "cpu, Qavg_Kmax, 64, false, 5, 300, 70, 64",
        "cpu, Qavg_Kavg, 16, true, 41, 300, 70, 1", "F32, Qmaxmin_Kavg, 8, true, 22, 16, 2, 4",
        "BF16, Qavg_Kmaxminavg, 64, false, 63, 300, 1, 64"})
    void blocksThatFillWhileDecodingArePooled(String where, String type, int block, boolean projects, int prompt,
                                              int chunk, int count, int keyBlock) throws IOException {
        boolean rounded = where.equals("BF16");
        var path = TinyModel.random("llama", rounded ? 2 : 4, rounded ? 1 : 2, rounded ? 64 : 16, true)
                .write(folder.resolve("m"));
        try (var _ = WatchedRanges.opened();
                var backend = where.equals("cpu") ? Backends.cpu(2) : Backends.simulator(ElementType.valueOf(where));
                var model = LanguageModel.open(path, backend); var session = model.session(200, Math.min(200, chunk));
                var other = model.session(200)) {
            var random = new TinyGate(type, block, rounded ? 64 : 16, projects, "softmax");
            var gate = AttnGate.open(random.write(folder.resolve("g"), model, keyBlock), model);
            int[] tokens = new SplittableRandom(prompt).ints(prompt, 1, 4096).toArray();
            var decoded = new Watched(gate);
            session.prefill(PrefillRequest.of(tokens, decoded));
            int[] drawn = session.generate(count, Sampling.GREEDY, token -> { });
            int length = session.length();
            assertTrue(length / block > prompt / block, "a block was filled: " + prompt + " to " + length);
            int[] joined = IntStream.concat(IntStream.of(tokens), IntStream.of(drawn)).limit(length).toArray();
            var read = new Watched(gate);
            other.prefill(PrefillRequest.of(joined, read));
            for (int layer = 0; layer < model.config().layers(); layer++) {
                compare(read.run.keys(layer), decoded.run.keys(layer), length / block * (block / keyBlock),
                        rounded ? 5e-2 : 2e-4, "layer " + layer);
            }
        }
    }

    private static void compare(Tensor wanted, Tensor got, int blocks, double tolerance, String layer) {
        float[] a = wanted.download();
        float[] b = got.download();
        int width = wanted.extent(2);
        for (int head = 0; head < wanted.extent(0); head++) {
            for (int i = 0; i < blocks * width; i++) {
                assertEquals(a[head * wanted.extent(1) * width + i], b[head * got.extent(1) * width + i], tolerance,
                        layer + ", head " + head + ", block " + i / width);
            }
        }
    }
}
