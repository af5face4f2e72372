package seer.model;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import seer.model.load.DType;
import seer.model.load.FileKind;
import seer.model.load.GgufFile;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsFolder;
import seer.model.load.WeightStore;
import seer.model.text.BpeTokenizer;
import seer.model.text.ChatTemplate;
import seer.model.text.ChatTemplateFile;
import seer.model.text.GgufTokenizer;
import seer.model.text.Tokenizer;

/// What a model consists of on disk, read and checked: from a folder in Hugging Face layout or from one GGUF file. What
/// computes with it does not know which.
///
/// @param path      the folder or file
/// @param config    its shape
/// @param tokenizer its tokenizer
/// @param weights   its weights, mapped until this is closed
public record ModelFiles(Path path, ModelConfig config, Tokenizer tokenizer, WeightStore weights)
        implements AutoCloseable {
    private static final String CONFIG = "config.json";
    private static final String WANTED = "wanted a folder with config.json, tokenizer.json and model.safetensors, or a "
            + "GGUF file, got ";
    private static final String GGUF_TEMPLATE = "tokenizer.chat_template";

    /// Opens a folder with `config.json`, `tokenizer.json` and `model.safetensors` or its shards; or a GGUF file.
    ///
    /// @throws MalformedModelException naming the file and field that do not fit
    public static ModelFiles open(Path path) {
        return Files.isRegularFile(path) ? gguf(path) : huggingFace(path);
    }

    private static ModelFiles huggingFace(Path folder) {
        if (Files.isDirectory(folder) && !Files.exists(folder.resolve(CONFIG), LinkOption.NOFOLLOW_LINKS)) {
            NearbyModel.of(folder).ifPresent(found -> {
                throw new MalformedModelException(folder, WANTED + "a folder " + found);
            });
        }
        var config = ModelConfigFile.read(folder.resolve(CONFIG));
        var tokenizer = BpeTokenizer.open(folder.resolve("tokenizer.json"));
        return new ModelFiles(folder, config, tokenizer, SafetensorsFolder.open(folder));
    }

    private static ModelFiles gguf(Path path) {
        String kind = FileKind.of(path).orElse(path.toString().endsWith(".safetensors")
                ? "a safetensors file, which is weights alone: the folder around it may be a model" : "a file");
        if (!kind.contains("GGUF")) {
            throw new MalformedModelException(path, WANTED + kind);
        }
        var file = GgufFile.open(path);
        try {
            return new ModelFiles(path, GgufConfig.read(file), GgufTokenizer.read(file.metadata()), file);
        } catch (InternalError e) {
            file.close();
            throw file.lost(e);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /// Elements of each type that the layers' weights are stored in: all but the embedding, the last norm and the head.
    public Map<DType, Long> layerTypes() {
        return weights.types(WeightNames.LLAMA::isOfLayer);
    }

    /// The same weights and words as a model of another shape: for longer texts.
    ModelFiles as(ModelConfig other) {
        return new ModelFiles(path, other, tokenizer, weights);
    }

    /// The template of its conversations, as it stands in the files.
    ///
    /// @throws MalformedModelException if it is of a form that is not known
    public Optional<ChatTemplate> chat() {
        Optional<ChatTemplateFile> template = weights instanceof GgufFile file
                ? file.metadata().optionalString(GGUF_TEMPLATE).map(text ->
                        new ChatTemplateFile(path, GGUF_TEMPLATE, text))
                : ChatTemplateFile.read(path);
        return template.map(known -> known.form(tokenizer));
    }

    @Override
    public void close() {
        weights.close();
    }
}
