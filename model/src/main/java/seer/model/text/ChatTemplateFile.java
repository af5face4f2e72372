package seer.model.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import seer.model.load.JsonFile;
import seer.model.load.Utf8Text;

/// Finds the chat template of a folder: a file `chat_template.jinja`, else the field `chat_template` of
/// tokenizer_config.json, one text or a list of named ones of which `default` counts.
public final class ChatTemplateFile {
    private ChatTemplateFile() { }

    public static Optional<String> read(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            return Optional.of(Utf8Text.read(file));
        }
        Path config = folder.resolve("tokenizer_config.json");
        if (!Files.exists(config)) {
            return Optional.empty();
        }
        JsonFile json = JsonFile.read(config);
        if (json.node("chat_template").filter(node -> node.isArray()).isPresent()) {
            return json.objectList("chat_template").stream()
                    .filter(each -> each.requireString("name").equals("default"))
                    .map(each -> each.requireString("template")).findFirst();
        }
        return json.optionalString("chat_template");
    }
}
