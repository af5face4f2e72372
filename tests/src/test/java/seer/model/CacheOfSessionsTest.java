package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import seer.model.backend.ElementType;
import seer.model.load.DType;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// What an open model and its sessions keep in memory on the processor.
class CacheOfSessionsTest {
    @TempDir
    private Path folder;

    private Path quantized() {
        return TinyGguf.of(TinyModel.random("llama", 256, 512, 4, 4, 64, true), DType.Q4_1)
                .write(folder.resolve("tiny.gguf"));
    }

    @Test
    void aQuantizedModelKeepsShortTextsIn32BitsAndLongOnesIn16() throws IOException {
        int[] prompt = new SplittableRandom(4).ints(60, 1, 4096).toArray();
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(quantized(), backend)) {
            var config = model.config();
            long weights = Files.size(model.path());
            int tokens = (int) (weights / (2L * config.layers() * config.groups() * config.headWidth() * 4));
            assertTrue(tokens < config.contextLength() / 2, tokens + " tokens");
            try (var shortOne = model.session(prompt.length + 1); var longOne = model.session(tokens + 1)) {
                assertEquals(ElementType.F32, shortOne.cacheType());
                assertEquals(ElementType.F16, longOne.cacheType());
                float[] wanted = read(shortOne, prompt);
                float[] got = read(longOne, prompt);
                assertWithin(wanted, got, 2e-2, "logits");
                assertNotEquals(wanted[0], got[0]);
            }
        }
        try (var backend = Backends.cpu(2, ElementType.F32); var model = LanguageModel.open(quantized(), backend);
                var session = model.session(model.config().contextLength())) {
            assertEquals(ElementType.F32, session.cacheType());
        }
    }

    /// With products in whole numbers long texts have keys and values in 8 bits; a text that goes on is as one that was
    /// read at once.
    @Test
    void withProductsInWholeNumbersLongTextsAreKeptIn8() throws IOException {
        int[] prompt = new SplittableRandom(4).ints(60, 1, 4096).toArray();
        try (var backend = Backends.cpuInt8(2); var model = LanguageModel.open(quantized(), backend)) {
            var config = model.config();
            long elements = 2L * config.layers() * config.groups() * config.headWidth();
            int tokens = (int) (Files.size(model.path()) / (elements * 4));
            try (var shortOne = model.session(prompt.length + 1); var longOne = model.session(tokens + 1)) {
                assertEquals(ElementType.F32, shortOne.cacheType());
                assertEquals(ElementType.INT8, longOne.cacheType());
                assertEquals((tokens + 1) * (elements + elements / 32 * 2), model.memory(tokens + 1, 64).cache());
                float[] wanted = read(shortOne, prompt);
                float[] got = read(longOne, prompt);
                assertTrue(distance(wanted, got) < 0.05, distance(wanted, got) + " of the logits");
                assertNotEquals(wanted[0], got[0]);
                int[] drawn = longOne.generate(20, Sampling.GREEDY, token -> { });
                int[] whole = Arrays.copyOf(prompt, prompt.length + drawn.length);
                System.arraycopy(drawn, 0, whole, prompt.length, drawn.length);
                float[] continued = read(longOne, whole);
                assertEquals(drawn.length, longOne.length() - prompt.length);
                longOne.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
                assertArrayEquals(drawn, longOne.generate(20, Sampling.GREEDY, token -> { }), "read anew");
                try (var another = model.session(tokens + 1)) {
                    assertArrayEquals(continued, read(another, whole));
                }
            }
        }
    }

    /// Of vectors, as a part of the first one's length.
    private static double distance(float[] x, float[] y) {
        double apart = 0;
        double length = 0;
        for (int i = 0; i < x.length; i++) {
            apart += Math.pow(x[i] - y[i], 2);
            length += Math.pow(x[i], 2);
        }
        return Math.sqrt(apart / length);
    }

    private static float[] read(Session session, int[] prompt) {
        return session.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits();
    }

    @Test
    void aModelOfFloatsKeepsAllIn32Bits() throws IOException {
        Path path = TinyModel.random("llama", 64, 128, 2, 2, 32, true).write(folder.resolve("floats"));
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(path, backend);
                var session = model.session(model.config().contextLength())) {
            assertEquals(ElementType.F32, session.cacheType());
        }
    }

    /// Not twice what they take in the file, as 32-bit floats would.
    @Test
    void quantizedWeightsAreCountedAsTheyAreStored() {
        var tiny = TinyModel.random("llama", 256, 512, 4, 4, 64, true);
        long file = TinyGguf.of(tiny, DType.Q4_1).write(folder.resolve("tiny.gguf")).toFile().length();
        try (var backend = Backends.cpu(1)) {
            var arena = backend.arena("the model", 0);
            try (var files = ModelFiles.open(folder.resolve("tiny.gguf"))) {
                for (String name : files.weights().names()) {
                    var tensor = files.weights().tensor(name);
                    if (tensor.shape().size() == 2) {
                        arena.matrix(List.of(tensor));
                    }
                }
            }
            assertTrue(arena.bytes() < 1.1 * file, arena.bytes() + " bytes, the file has " + file);
            assertTrue(arena.bytes() > 0.5 * file, arena.bytes() + " bytes, the file has " + file);
        }
    }

    /// Pages of the file that count as this process's own, in KiB.
    private static long resident(Path file) throws IOException {
        long sum = 0;
        boolean own = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                own = line.endsWith(file.toRealPath().toString());
            } else if (own && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatWasReadOfTheFileIsLetGoOfOnceTheBackendHasIt() throws IOException {
        Path path = quantized();
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(path, backend)) {
            long all = Files.size(path) / 1024;
            assertTrue(resident(path) < all / 2, resident(path) + " of " + all + " KiB");
            assertEquals(64, model.sha256().length());
            assertTrue(resident(path) < all / 2, "after the checksum");
            assertEquals(256, model.weights("model.norm.weight").length); // and what is asked for afterwards is there
        }
    }
}
