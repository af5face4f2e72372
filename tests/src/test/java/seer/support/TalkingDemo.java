package seer.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The demo model as if it had been trained to talk: its last two tokens mark turns in ChatML's way, and it has the
/// template. What it says is no answer, but it is always the same.
public final class TalkingDemo {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private TalkingDemo() { }

    /// Writes its folder.
    public static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.createDirectories(folder.resolve("gate"));
        for (String same : List.of("config.json", "model.safetensors", "gate/config.json",
                "gate/attn_gate_weights.safetensors")) {
            Files.copy(Demo.MODEL.resolve(same), folder.resolve(same));
        }
        Files.writeString(folder.resolve("chat_template.jinja"),
                "{% for message in messages %}{{'<|im_start|>' + message['role']}}{% endfor %}");
        var json = (ObjectNode) MAPPER.readTree(Demo.MODEL.resolve("tokenizer.json").toFile());
        var vocabulary = (ObjectNode) json.at("/model/vocab");
        var merges = (ArrayNode) json.at("/model/merges");
        for (String mark : List.of("<|im_end|>", "<|im_start|>")) {
            var last = merges.remove(merges.size() - 1);
            int id = vocabulary.remove(last.get(0).textValue() + last.get(1).textValue()).intValue();
            ObjectNode added = json.get("added_tokens").get(0).deepCopy();
            ((ArrayNode) json.get("added_tokens")).add(added.put("id", id).put("content", mark));
        }
        Files.writeString(folder.resolve("tokenizer.json"), json.toString());
        return folder;
    }
}
