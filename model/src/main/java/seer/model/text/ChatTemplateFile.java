package seer.model.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.Utf8Text;

/// A chat template and where it stands: for a folder a file `chat_template.jinja`, else the field `chat_template` of
/// tokenizer_config.json, one text or a list of named ones of which `default` counts.
///
/// @param field of the file; empty where the template is all of it
public record ChatTemplateFile(Path file, String field, String text) {
    private static final String FIELD = "chat_template";

    /// The template of a folder, if it has one.
    public static Optional<ChatTemplateFile> read(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            return Optional.of(new ChatTemplateFile(file, "", Utf8Text.read(file)));
        }
        Path config = folder.resolve("tokenizer_config.json");
        if (!Files.exists(config)) {
            return Optional.empty();
        }
        return text(JsonFile.read(config)).map(text -> new ChatTemplateFile(config, FIELD, text));
    }

    private static Optional<String> text(JsonFile json) {
        if (json.node(FIELD).filter(node -> node.isArray()).isPresent()) {
            return json.objectList(FIELD).stream()
                    .filter(each -> each.requireString("name").equals("default"))
                    .map(each -> each.requireString("template")).findFirst();
        }
        return json.optionalString(FIELD);
    }

    /// The form that it is of.
    ///
    /// @throws MalformedModelException if that is none of the known ones
    public ChatTemplate form(Tokenizer tokenizer) {
        return ChatTemplate.of(text, tokenizer).orElseThrow(() -> new MalformedModelException(file,
                (field.isEmpty() ? "" : "field " + field + ": ")
                        + "wanted a chat template of one of the forms llama-3, ChatML and Mistral's, got "
                        + Quoted.of(text)));
    }
}
