package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import seer.eval.PathLabels;
import seer.eval.plan.TextSpec;
import seer.model.LanguageModel;
import seer.model.load.FileTrouble;

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
        try {
            PathLabels.of("--text", files());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /// The texts, those of a folder in the order of their names.
    List<TextSpec> specs(LanguageModel model) {
        return TextSpec.all(text.isEmpty() ? List.of(usual(model)) : files(), cut == null ? Integer.MAX_VALUE : cut);
    }

    /// One text alone, that of the model if none is named.
    static TextSpec spec(LanguageModel model, Path file) {
        return TextSpec.of(file == null ? usual(model) : file);
    }

    private static Path usual(LanguageModel model) {
        return model.folder().resolve("thursday.txt");
    }

    /// The files that `--text` names, those of a folder in the order of their names.
    private List<Path> files() {
        var all = new ArrayList<Path>();
        for (Path path : text) {
            if (Files.isDirectory(path)) {
                all.addAll(inside(path));
            } else {
                all.add(path);
            }
        }
        return all;
    }

    private static List<Path> inside(Path folder) {
        try (var inside = Files.list(folder)) {
            var files = inside.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
            if (files.isEmpty()) {
                throw new IllegalArgumentException(folder + " has no file that ends with .txt, wanted at least one");
            }
            return files;
        } catch (IOException e) {
            throw new IllegalArgumentException(folder + ": " + FileTrouble.reason(e), e);
        }
    }
}
