package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import seer.model.load.MalformedModelException;

/// A config.json made for one test: a small llama, on which fields are put; JSON with single quotes.
final class ConfigFile {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
    private static final String SMALL = """
            {'model_type': 'llama', 'hidden_size': 64, 'num_hidden_layers': 2, 'num_attention_heads': 4,
             'intermediate_size': 96, 'vocab_size': 300, 'max_position_embeddings': 2048, 'eos_token_id': 2}""";

    private final Path folder;
    private final ObjectNode root = json(SMALL);

    ConfigFile(Path folder) {
        this.folder = folder;
    }

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    /// Puts fields on top of those there are.
    ConfigFile with(String fields) {
        root.setAll(json(fields));
        return this;
    }

    ConfigFile without(String field) {
        root.remove(field);
        return this;
    }

    /// Puts a generation_config.json beside it.
    ConfigFile generation(String text) {
        write("generation_config.json", json(text).toString());
        return this;
    }

    String text() {
        return root.toString();
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    ModelConfig read() {
        return ModelConfigFile.read(write("config.json", root.toString()));
    }

    /// The claim that it is refused with one sentence that names `file` and holds all `parts`.
    void refuses(String file, String... parts) {
        var e = assertThrows(MalformedModelException.class, this::read);
        assertEquals(folder.resolve(file), e.file(), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
    }
}
