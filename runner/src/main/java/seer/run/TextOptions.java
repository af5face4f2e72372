package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;
import seer.eval.Document;
import seer.model.LanguageModel;

/// Texts to measure on.
final class TextOptions {
    @Option(names = "--text", paramLabel = "PATH", arity = "1..*",
            description = "Text files and folders of .txt files, UTF-8 (default: thursday.txt beside the model).")
    private List<Path> text = List.of();

    @Option(names = "--cut", paramLabel = "N", description = "Read only the first N tokens of each (default: all).")
    private Integer cut;

    void check() {
        if (cut != null && cut < 2) {
            throw new UsageException("--cut is " + cut + ", wanted at least 2");
        }
    }

    /// The encoded texts, those of a folder in the order of their names.
    List<Document> read(LanguageModel model) throws IOException {
        var documents = new ArrayList<Document>();
        for (Path path : text.isEmpty() ? List.of(model.folder().resolve("thursday.txt")) : text) {
            for (Path file : files(path)) {
                documents.add(document(model, file, cut));
            }
        }
        return documents;
    }

    static Document document(LanguageModel model, Path file, Integer cut) throws IOException {
        int[] tokens = model.tokenizer().encode(TextInput.read(file));
        return new Document(file.getFileName().toString(),
                cut == null ? tokens : Arrays.copyOf(tokens, Math.min(cut, tokens.length)));
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (var inside = Files.list(path)) {
            var files = inside.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
            if (files.isEmpty()) {
                throw new IllegalArgumentException(path + " has no file that ends with .txt, wanted at least one");
            }
            return files;
        }
    }
}
