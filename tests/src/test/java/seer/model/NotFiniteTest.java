package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.backend.NotFiniteException;
import seer.support.TinyModel;

/// Weights that are finite but too large overflow somewhere: the answer is a sentence that says where, whatever the
/// backend, never a token, a mask or a perplexity.
class NotFiniteTest {
    private static final String WEIGHTS = "the weights are damaged or too large for 32-bit floats";

    @TempDir
    private Path folder;

    private static Backend backend(String name) {
        return switch (name) {
            case "cpu" -> Backends.cpu(2);
            case "cpu, 8 bits" -> Backends.cpu(2, ElementType.INT8);
            default -> Backends.simulator();
        };
    }

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    /// A model of which one tensor is multiplied.
    private Path model(String tensor, double factor) throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, false);
        float[] weights = tiny.weights().get(tensor);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (weights[i] * factor);
        }
        return tiny.write(folder.resolve("m"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lm_head.weight | 1.1e39 | logits that are not finite after token 69: | though keys and values of all layers",
        "model.embed_tokens.weight | 1e30 | numbers that are NaN, infinite or beyond 1e16 for token 0 | though keys",
        "model.layers.1.input_layernorm.weight | 3e38 | for token | first keys that are not finite in layer 1",
        "model.layers.0.self_attn.v_proj.weight | 8e38 | for token | first values that are not finite in layer 0",
        "model.layers.0.mlp.down_proj.weight | 1.1e39 | for token | first keys that are not finite in layer 1"})
    void anOverflowIsNamedByLayerAndTokenOnBothBackends(String tensor, double factor, String what, String where)
            throws IOException {
        Path broken = model(tensor, factor);
        for (String name : new String[] {"cpu", "cpu, 8 bits", "simulator"}) {
            try (var backend = backend(name); var open = LanguageModel.open(broken, backend);
                    var session = open.session(80)) {
                var e = assertThrows(NotFiniteException.class, () ->
                        session.prefill(PrefillRequest.of(tokens(70), BlockSelector.dense())), name);
                for (String part : new String[] {"the model in " + broken, what, where, WEIGHTS}) {
                    assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
                }
                assertFalse(e.getMessage().contains("\n"), "one sentence");
                assertThrows(IllegalStateException.class, () -> session.generate(1, Sampling.GREEDY, token -> { }),
                        "nothing was read that could be continued");
            }
        }
    }

    /// The token that breaks is neither the last one nor seen by it: only the pass over the stream can tell.
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "simulator"})
    void aTokenThatNoLaterOneLooksAtIsFound(String name) throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, false);
        int[] prompt = tokens(400);
        float[] table = tiny.weights().get("model.embed_tokens.weight");
        Arrays.fill(table, prompt[100] * 24, prompt[100] * 24 + 24, 1e20f);
        try (var backend = backend(name); var open = LanguageModel.open(tiny.write(folder.resolve("m")), backend);
                var session = open.session(400, 128)) {
            var narrow = SelectorSpec.parse("ashape:density=0.01").selector(() -> null, ForcedBlocks.NONE);
            var e = assertThrows(NotFiniteException.class, () -> session.prefill(PrefillRequest.of(prompt, narrow)));
            assertTrue(e.getMessage().contains("beyond 1e16 for token 100,"), e.getMessage());
        }
    }

    @Test
    void decodingStopsBeforeATokenIsDrawnFromBrokenLogits() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        int[] prompt = tokens(20);
        Path sound = tiny.write(folder.resolve("sound"));
        int next;
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(sound, backend);
                var session = open.session(30)) {
            session.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
            next = session.generate(1, Sampling.GREEDY, token -> { })[0];
        }
        // The row of the token that comes next is read for the first time when it is drawn: its table is tied, and
        // raising it only makes it likelier.
        float[] table = tiny.weights().get("model.embed_tokens.weight");
        for (int c = 0; c < 24; c++) {
            table[next * 24 + c] *= 1e20f;
        }
        try (var backend = Backends.cpu(1);
                var open = LanguageModel.open(tiny.write(folder.resolve("broken")), backend);
                var session = open.session(30)) {
            session.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
            int[] drawn = new int[2];
            var e = assertThrows(NotFiniteException.class, () -> session.generate(5, Sampling.GREEDY,
                    token -> drawn[drawn[1]++] = token));
            assertEquals(next, drawn[0]);
            assertEquals(1, drawn[1], "one token, and then the error");
            assertTrue(e.getMessage().contains(" for token 20"), e.getMessage());
        }
    }

    @Test
    void aPerplexityBeyondAllNumbersIsRefused() {
        assertEquals(Math.E, Perplexity.of(3, 3), 1e-12);
        var e = assertThrows(NotFiniteException.class, () -> Perplexity.of(1600, 2));
        assertEquals("perplexity is Infinity, wanted a finite number: the tokens' mean negative log-likelihood is "
                + "800.0 nats", e.getMessage());
    }

    @Test
    void likelihoodsAreCheckedTokenByToken() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, false);
        int[] prompt = tokens(20);
        float[] head = tiny.weights().get("lm_head.weight");
        Arrays.fill(head, 7 * 24, 8 * 24, 3e38f); // token 7 gets a logit that overflows wherever it is asked for
        for (String name : new String[] {"cpu", "simulator"}) {
            Path broken = tiny.write(folder.resolve(name));
            try (var backend = backend(name); var open = LanguageModel.open(broken, backend);
                    var session = open.session(30)) {
                var e = assertThrows(NotFiniteException.class, () -> session.prefill(
                        PrefillRequest.of(prompt, BlockSelector.dense()).scored(-1)));
                assertTrue(e.getMessage().matches(".* gives the token after token \\d+ a negative log-likelihood .*"),
                        e.getMessage());
            }
        }
    }
}
