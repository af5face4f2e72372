package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import seer.model.load.GgufFile;
import seer.model.load.SafetensorsFile;
import seer.model.text.GgufTokenizer;
import seer.model.text.Tokenizer;
import seer.support.Probe;
import seer.support.RealModel;

/// A published model in a quantized GGUF file against an independent 32-bit forward pass of its dequantized weights.
class RealModelTest {
    private static final int LAYER = 12;

    private static float[] floats(String name) {
        try (var file = SafetensorsFile.open(RealModel.file("golden.safetensors"))) {
            return file.tensor(name).floats();
        }
    }

    private static JsonNode json(String name) {
        try {
            return new JsonMapper().readTree(Files.readString(RealModel.file(name)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int[] ids(JsonNode list) {
        return list.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @Test
    void forwardEqualsTheGoldenOne() {
        var path = RealModel.gguf();
        int[] tokens;
        try (var file = SafetensorsFile.open(RealModel.file("golden.safetensors"))) {
            tokens = file.tensor("tokens").ints();
        }
        var probe = new Probe(LAYER);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(path, backend);
                var session = model.session(tokens.length)) {
            var report = session.prefill(
                    PrefillRequest.of(tokens, BlockSelector.dense()).scored(-1).observedBy(probe));
            assertWithin(floats("logits_last"), report.logits(), 1e-3, "last logits");
            float[] nll = report.scores().negativeLogLikelihood();
            assertWithin(floats("nll"), Arrays.copyOf(nll, nll.length - 1), 1e-3, "negative log-likelihood");
            assertWithin(floats("q_pre_rope"), probe.rawQueries, 1e-3, "queries before rotation");
            assertWithin(floats("k_pre_rope"), probe.rawKeys, 1e-3, "keys before rotation");
            assertWithin(floats("v"), probe.values, 1e-3, "values");
            assertWithin(floats("attn_out"), probe.attention, 1e-3, "attention output");
        }
    }

    @Test
    void tokensEqualThoseOfTheCases() {
        try (var file = GgufFile.open(RealModel.gguf())) {
            Tokenizer tokenizer = GgufTokenizer.read(file.metadata());
            for (JsonNode each : json("tokenizer_cases.json")) {
                String text = each.get("text").textValue();
                int[] got = each.get("parse_special").booleanValue() ? tokenizer.encode(text)
                        : tokenizer.encodeOrdinary(text);
                assertArrayEquals(ids(each.get("ids")), got, text);
                assertEquals(text, tokenizer.decode(got));
            }
        }
    }

    @Test
    void greedyTokensAreTheSameWhileTheBestIsClear() {
        var path = RealModel.gguf();
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(path, backend);
                var session = model.session(256)) {
            for (JsonNode each : json("greedy.json")) {
                int[] prompt = ids(each.get("prompt_ids"));
                assertArrayEquals(prompt, model.tokenizer().encode(each.get("prompt").textValue()));
                session.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
                int[] drawn = session.generate(64, Sampling.GREEDY, _ -> { });
                JsonNode golden = each.get("torch_fp32");
                int[] wanted = ids(golden.get("ids"));
                int clear = (int) IntStream.range(0, wanted.length)
                        .takeWhile(i -> golden.get("top1_minus_top2").get(i).doubleValue() > 0.01
                                && !model.config().endOfText().contains(wanted[i])).count();
                assertTrue(clear > 6, "only " + clear + " tokens are clear");
                assertArrayEquals(Arrays.copyOf(wanted, clear), Arrays.copyOf(drawn, clear));
            }
        }
    }
}
