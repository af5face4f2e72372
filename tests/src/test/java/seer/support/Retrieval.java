package seer.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.load.SafetensorsFile;

/// The retrieval prompts that the model's published scores are measured on.
///
/// A value counts as found if, reading the whole row once, every token of its span is the likeliest after the one
/// before it.
public final class Retrieval {
    private Retrieval() { }

    /// One row: a prompt with its answer, and where the values stand.
    public record Prompt(int[] tokens, List<int[]> spans) { }

    /// Values found and asked for, and the mean over prompts of the share found.
    public record Score(int found, int values, double mean) { }

    /// The prompts of one family and length, for example `single_4096`.
    public static List<Prompt> prompts(String name) throws IOException {
        JsonNode facts = new ObjectMapper().readTree(Demo.DATA.resolve("retrieval.json").toFile()).get(name);
        try (var file = SafetensorsFile.open(Demo.DATA.resolve("retrieval.safetensors"))) {
            var tensor = file.tensor(name);
            int length = tensor.shape().get(1);
            int[] all = tensor.ints();
            var prompts = new ArrayList<Prompt>();
            for (int i = 0; i < tensor.shape().get(0); i++) {
                var spans = new ArrayList<int[]>();
                facts.get(i).get("spans").forEach(s -> spans.add(new int[] {s.get(0).asInt(), s.get(1).asInt()}));
                prompts.add(new Prompt(Arrays.copyOfRange(all, i * length, (i + 1) * length), spans));
            }
            return prompts;
        }
    }

    /// Reads every prompt once with `selector`.
    public static Score score(Session session, List<Prompt> prompts, BlockSelector selector) {
        int found = 0;
        int values = 0;
        double sum = 0;
        for (Prompt prompt : prompts) {
            int[] best = session.prefill(PrefillRequest.of(prompt.tokens(), selector).scored(-1)).scores().best();
            long hits = prompt.spans().stream().filter(span -> right(prompt.tokens(), best, span)).count();
            found += (int) hits;
            values += prompt.spans().size();
            sum += (double) hits / prompt.spans().size();
        }
        return new Score(found, values, sum / prompts.size());
    }

    private static boolean right(int[] tokens, int[] best, int[] span) {
        for (int t = span[0]; t < span[1]; t++) {
            if (best[t - 1] != tokens[t]) {
                return false;
            }
        }
        return true;
    }
}
