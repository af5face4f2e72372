package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.Demo;
import seer.support.PlainTransformer;
import seer.support.TinyModel;

/// The whole forward pass on small random models of every kind, against plain double precision.
class TransformerTest {
    @TempDir
    private Path folder;

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"llama, 1, 1, 16, true", "llama, 4, 2, 64, false", "qwen2, 8, 1, 16, true",
        "qwen2, 7, 1, 16, false", "llama, 2, 2, 128, true", "mistral, 2, 1, 80, false"})
    void logitsEqualThePlainTransformer(String family, int heads, int groups, int headWidth, boolean tied)
            throws IOException {
        var tiny = TinyModel.random(family, heads, groups, headWidth, tied);
        int[] prompt = tokens(130);
        double[][] wanted = new PlainTransformer(tiny).logits(prompt);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(140)) {
            var report = session.prefill(PrefillRequest.of(prompt, BlockSelector.dense()).scored(-1));
            assertWithin(floats(wanted[129]), report.logits(), 1e-3, "last logits");
            for (int t = 0; t < 129; t++) {
                double nll = logSumExp(wanted[t]) - wanted[t][prompt[t + 1]];
                assertEquals(nll, report.scores().negativeLogLikelihood()[t], 1e-3, "position " + t);
                assertEquals(Sampler.largest(floats(wanted[t])), report.scores().best()[t], "position " + t);
            }
        }
    }

    @Test
    void decodingEqualsReadingTheSameTokens() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(200)) {
            int[] prompt = tokens(65);
            session.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
            int[] drawn = session.generate(20, Sampling.GREEDY, token -> { });
            assertEquals(85, session.length());
            int[] joined = IntStream.concat(IntStream.of(prompt), IntStream.of(drawn)).toArray();
            int[] best = session.prefill(PrefillRequest.of(joined, BlockSelector.dense()).scored(-1)).scores().best();
            for (int i = 0; i < drawn.length; i++) {
                assertEquals(drawn[i], best[64 + i], "token " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"64", "128", "192", "1000"})
    void aPromptReadInChunksGivesTheSameLogits(int chunk) throws IOException {
        var tiny = TinyModel.random("qwen2", 4, 2, 16, true);
        int[] prompt = tokens(257);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder), backend);
                var once = model.session(300, 300); var parts = model.session(300, chunk)) {
            float[] wanted = once.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits();
            float[] got = parts.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits();
            assertWithin(wanted, got, 1e-5, "logits with chunks of " + chunk);
        }
    }

    @Test
    void samplingIsReproducibleBySeedAndGreedyAtTemperatureZero() throws IOException {
        var tiny = TinyModel.random("llama", 1, 1, 16, true);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(100)) {
            int[] first = draw(session, new Sampling(1.0, 0.9, 7));
            assertArrayEquals(first, draw(session, new Sampling(1.0, 0.9, 7)));
            assertTrue(!java.util.Arrays.equals(first, draw(session, new Sampling(1.0, 0.9, 8))));
            assertArrayEquals(draw(session, Sampling.GREEDY), draw(session, new Sampling(1.0, 1e-9, 3)));
        }
    }

    private static int[] draw(Session session, Sampling sampling) {
        session.prefill(PrefillRequest.of(tokens(5), BlockSelector.dense()));
        return session.generate(12, sampling, token -> { });
    }

    @Test
    void generationStopsWhenTheCacheIsFull() throws IOException {
        var tiny = TinyModel.random("llama", 1, 1, 16, true);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(8)) {
            session.prefill(PrefillRequest.of(tokens(5), BlockSelector.dense()));
            assertTrue(session.generate(100, Sampling.GREEDY, token -> { }).length <= 4);
        }
    }

    @Test
    void wrongUseIsToldInASentence() {
        var model = Demo.model();
        assertTells("does not fit the model's context of 32768", () -> model.session(32_769));
        try (var session = model.session(64)) {
            assertTells("empty", () -> session.prefill(PrefillRequest.of(new int[0], BlockSelector.dense())));
            assertTells("capacity is 64",
                    () -> session.prefill(PrefillRequest.of(new int[65], BlockSelector.dense())));
            assertTells("token 1 of the prompt is 4096",
                    () -> session.prefill(PrefillRequest.of(new int[] {1, 4096}, BlockSelector.dense())));
            var e = assertThrows(IllegalStateException.class,
                    () -> session.generate(1, Sampling.GREEDY, token -> { }));
            assertTrue(e.getMessage().contains("prefill"), e.getMessage());
        }
    }

    private static void assertTells(String part, org.junit.jupiter.api.function.Executable work) {
        var e = assertThrows(IllegalArgumentException.class, work);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    private static double logSumExp(double[] values) {
        double largest = java.util.Arrays.stream(values).max().orElseThrow();
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum);
    }
}
