package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.model.load.RawSafetensors.refuses;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.TinyModel;

/// Files that stand where a model's file is wanted are named as what they are.
class FileKindTest {
    private static final String POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 14\n";

    @TempDir
    private Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    /// The beginning of a file, in hex or as text, then zeros.
    private static byte[] begin(String text) {
        byte[] head = text.startsWith("0x") ? HexFormat.of().parseHex(text.substring(2))
                : text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(head, Math.max(40, head.length));
    }

    @ParameterizedTest
    @CsvSource({"GGUF, a GGUF file", "0x504b0304, a zip archive, as PyTorch's .pth", "0x80024d, a Python pickle",
        "0x894844460d0a1a0a, an HDF5 file", "<!DOCTYPE html><html>, an HTML page", "<html lang=\"en\">, an HTML page",
        "Entry not found, a server's answer that there is no such file",
        "/annex/objects/SHA256E-s1, a git-annex pointer",
        "version https://git-lfs.github.com/spec/v1, a Git LFS pointer", "0x1f8b0800, a gzip archive"})
    void everyReaderNamesWhatItGot(String head, String kind) throws IOException {
        Path json = file("config.json", begin(head));
        refuses(() -> JsonFile.read(json), json, "wanted JSON, got " + kind.split(",")[0]);
        Path weights = file("model.safetensors", begin(head));
        refuses(() -> SafetensorsFile.open(weights), weights, "wanted a safetensors file, got " + kind.split(",")[0]);
    }

    @Test
    void textInAnotherEncodingIsNoJson() throws IOException {
        Path wide = file("config.json", "{\"a\": 1}".getBytes(StandardCharsets.UTF_16));
        refuses(() -> JsonFile.read(wide), wide, "wanted JSON, got text in UTF-16");
        Path bare = file("config.json", "{\"a\": 1}".getBytes(StandardCharsets.UTF_16LE));
        refuses(() -> JsonFile.read(bare), bare, "broken JSON at byte 1: wanted UTF-8, got 0x00");
        Path latin = file("config.json", "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        refuses(() -> JsonFile.read(latin), latin, "broken JSON at byte 7: wanted UTF-8, got 0xe9");
    }

    @Test
    void aDownloadCutShort() throws IOException {
        Path zeros = file("model.safetensors", new byte[4096]);
        refuses(() -> SafetensorsFile.open(zeros), zeros, "got a file of zeros");
        Path json = file("config.json", new byte[4096]);
        refuses(() -> JsonFile.read(json), json, "got a file of zeros");
    }

    @Test
    void aHeaderIsNeverTakenForAnotherKind() throws IOException {
        byte[] header = new byte[0x9392];
        Arrays.fill(header, (byte) ' ');
        header[0] = '{';
        header[1] = '}';
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"), header.length, header);
        SafetensorsFile.open(file).close();
        assertEquals(Optional.empty(), FileKind.of(file));
    }

    @Test
    void aModelThatIsAFileIsNamedToo() throws IOException {
        Path zip = file("model.bin", begin("0x504b0304"));
        try (var backend = Backends.cpu(1)) {
            refuses(() -> LanguageModel.open(zip, backend), zip, "wanted a folder with config.json", "or a GGUF file",
                    "a zip archive");
            Path weights = file("model.safetensors", new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
            refuses(() -> LanguageModel.open(weights, backend), weights, "or a GGUF file",
                    "got a safetensors file, which is weights alone: the folder around it may be a model");
        }
    }

    @Test
    void aFolderThatIsAFileIsNamedToo() throws IOException {
        Path config = file("gate.gguf", begin("GGUF")).resolve("config.json");
        refuses(() -> JsonFile.read(config), config, "wanted it in a folder, got a GGUF file", "instead of one");
    }

    @Test
    void weightsOfOtherFormatsAreNamed() throws IOException {
        Path bin = file("pytorch_model-00001-of-00002.bin", begin("0x504b0304"));
        refuses(() -> WeightStore.open(folder), folder, "got a folder with neither, but "
                + "pytorch_model-00001-of-00002.bin: in a folder safetensors is the only format read");
        Files.delete(bin);
        file("model.gguf", begin("GGUF"));
        refuses(() -> WeightStore.open(folder), folder, "but model.gguf, whose own path opens it");
    }

    @Test
    void linksThatLeadNowhereAreNamed() throws IOException {
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Path link = Files.createSymbolicLink(folder.resolve(name), folder.resolve("gone"));
            refuses(() -> {
                JsonFile.read(folder.resolve("config.json"));
                WeightStore.open(folder);
            }, link, "wanted a file, got a link to one that is not there");
            Files.delete(link);
            Files.writeString(folder.resolve("config.json"), "{}");
        }
    }

    @Test
    void aModelsFilesAreNamedOneByOne() throws IOException {
        var tiny = TinyModel.random("llama", 1, 1, 16, true);
        for (String name : new String[] {"config.json", "tokenizer.json", "model.safetensors",
            "generation_config.json"}) {
            Path model = tiny.write(folder.resolve(name));
            Path broken = Files.writeString(model.resolve(name), POINTER);
            try (var backend = Backends.cpu(1)) {
                refuses(() -> LanguageModel.open(model, backend), broken, "a Git LFS pointer", "git lfs pull");
                Files.delete(broken);
                Files.createDirectory(broken);
                refuses(() -> LanguageModel.open(model, backend), broken, "wanted a file, got a folder");
            }
        }
    }
}
