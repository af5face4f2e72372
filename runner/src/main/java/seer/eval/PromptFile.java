package seer.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.gate.prompt.Family;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsFile;

/// Prompts kept as token ids: `NAME.safetensors` with tensors `[prompts, length]`, named `FAMILY_LENGTH`, and
/// `NAME.json` with `answer_start`, `values` and `spans` of every prompt.
public final class PromptFile {
    private PromptFile() { }

    /// Prompts of one tensor.
    public record Rows(String name, List<RetrievalPrompt> prompts) { }

    /// Reads all tensors.
    ///
    /// @param file the safetensors file; its JSON stands beside it
    public static List<Rows> read(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.(safetensors|json)$", "");
        var json = JsonFile.read(file.resolveSibling(name + ".json"));
        try (var tensors = SafetensorsFile.open(file.resolveSibling(name + ".safetensors"))) {
            return tensors.names().stream().map(each -> new Rows(each, rows(json, tensors, each))).toList();
        }
    }

    private static List<RetrievalPrompt> rows(JsonFile json, SafetensorsFile tensors, String name) {
        var tensor = tensors.tensor(name);
        var facts = json.objectList(name);
        if (tensor.shape().size() != 2 || tensor.shape().getFirst() != facts.size()) {
            throw new MalformedModelException(tensors.file(), "tensor " + name + " has shape " + tensor.shape()
                    + ", wanted [" + facts.size() + ", length] as " + json.file() + " has it");
        }
        int length = tensor.shape().get(1);
        int[] all = tensor.ints();
        var prompts = new ArrayList<RetrievalPrompt>();
        for (JsonFile fact : facts) {
            int at = prompts.size() * length;
            prompts.add(new RetrievalPrompt(family(name), Arrays.copyOfRange(all, at, at + length),
                    fact.requireInt("answer_start"), fact.stringList("values"), spans(fact, length)));
        }
        return prompts;
    }

    private static List<int[]> spans(JsonFile fact, int length) {
        var spans = new ArrayList<int[]>();
        for (var span : fact.node("spans").orElseThrow(() -> fact.wrong("spans", "a list", "nothing"))) {
            if (span.size() != 2 || span.get(0).asInt() < 1 || span.get(1).asInt() > length) {
                throw fact.wrong("spans", "pairs within 1.." + length, span);
            }
            spans.add(new int[] {span.get(0).asInt(), span.get(1).asInt()});
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
