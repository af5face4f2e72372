package seer.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.gate.prompt.Family;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.SafetensorsFile;
import seer.model.load.WeightTensor;

/// Prompts kept as token ids: `NAME.safetensors` with tensors `[prompts, length]`, named `FAMILY_LENGTH`, and
/// `NAME.json` with `answer_start`, `values` and `spans` of every prompt.
public final class PromptFile {
    private PromptFile() { }

    /// Prompts of one tensor.
    public record Rows(String name, List<RetrievalPrompt> prompts) { }

    /// Reads all tensors.
    ///
    /// @param file       the safetensors file; its JSON stands beside it
    /// @param vocabulary tokens that the model knows
    /// @throws MalformedModelException naming the file, the tensor or field, what was wanted and what was found
    public static List<Rows> read(Path file, int vocabulary) {
        String name = file.toAbsolutePath().getFileName() == null ? ""
                : file.getFileName().toString().replaceFirst("\\.(safetensors|json)$", "");
        var json = JsonFile.read(file.resolveSibling(name + ".json"));
        try (var tensors = SafetensorsFile.open(file.resolveSibling(name + ".safetensors"))) {
            for (String field : json.fields()) {
                if (!tensors.has(field)) {
                    throw json.wrong(Quoted.of(field), "a tensor of this name in " + tensors.file(), "none");
                }
            }
            var rows = tensors.names().stream()
                    .map(each -> new Rows(each, rows(json, tensors.tensor(each), vocabulary))).toList();
            if (rows.isEmpty()) {
                throw new MalformedModelException(tensors.file(), "has no tensors, wanted at least one with prompts");
            }
            return rows;
        }
    }

    private static List<RetrievalPrompt> rows(JsonFile json, WeightTensor tensor, int vocabulary) {
        var facts = json.objectList(tensor.name());
        var shape = tensor.shape();
        if (facts.isEmpty()) {
            throw json.wrong(tensor.name(), "a list with an object for each prompt, at least one", "none");
        }
        if (shape.size() != 2 || shape.getFirst() != facts.size() || shape.get(1) < 2) {
            throw new MalformedModelException(tensor.file(), "tensor " + Quoted.name(tensor.name()) + " has shape "
                    + shape
                    + ", wanted [" + facts.size() + ", length] as " + json.file() + " has it, with at least 2 tokens");
        }
        int length = shape.get(1);
        int[] all = tensor.ints();
        var prompts = new ArrayList<RetrievalPrompt>();
        for (JsonFile fact : facts) {
            int at = prompts.size() * length;
            int[] tokens = Arrays.copyOfRange(all, at, at + length);
            check(tokens, vocabulary, tensor, prompts.size());
            prompts.add(prompt(tensor.name(), fact, tokens));
        }
        return prompts;
    }

    private static RetrievalPrompt prompt(String name, JsonFile fact, int[] tokens) {
        int start = fact.requireInt("answer_start");
        if (start < 1 || start >= tokens.length) {
            throw fact.wrong("answer_start", "1 to " + (tokens.length - 1), start);
        }
        var values = fact.stringList("values");
        if (values.isEmpty()) {
            throw fact.wrong("values", "at least one string", "none");
        }
        var spans = spans(fact, start, tokens.length);
        if (spans.size() != values.size()) {
            throw fact.wrong("spans", "one for each of the " + values.size() + " values", spans.size());
        }
        return new RetrievalPrompt(family(name), tokens, start, values, spans);
    }

    private static void check(int[] tokens, int vocabulary, WeightTensor tensor, int prompt) {
        for (int t = 0; t < tokens.length; t++) {
            if (tokens[t] < 0 || tokens[t] >= vocabulary) {
                throw new MalformedModelException(tensor.file(), "tensor " + Quoted.name(tensor.name()) + ", prompt "
                        + prompt
                        + ", token " + t + ": wanted 0 to " + (vocabulary - 1) + ", the model's vocabulary, got "
                        + tokens[t]);
            }
        }
    }

    private static List<int[]> spans(JsonFile fact, int start, int length) {
        var spans = new ArrayList<int[]>();
        for (var span : fact.node("spans").orElseThrow(() -> fact.wrong("spans", "a list", "nothing"))) {
            if (span.size() != 2 || !span.path(0).isInt() || !span.path(1).isInt()
                    || span.get(0).intValue() < start || span.get(0).intValue() >= span.get(1).intValue()
                    || span.get(1).intValue() > length) {
                throw fact.wrong("spans", "pairs of first and end within the answer, " + start + " to " + length, span);
            }
            spans.add(new int[] {span.get(0).intValue(), span.get(1).intValue()});
        }
        return spans;
    }

    /// The family that a tensor's name begins with.
    private static Family family(String name) {
        return name.startsWith("multikey") ? Family.MULTIKEY : name.startsWith("multivalue") ? Family.MULTIVALUE
                : name.startsWith("multiquery") ? Family.MULTIQUERY : name.startsWith("track") ? Family.TRACK
                : Family.SINGLE;
    }
}
