package seer.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/// What may be meant by a folder that is no model: who downloads one has it around the model, a GGUF file or, in
/// Hugging Face's cache, one of the `snapshots`.
final class NearbyModel {
    private static final String GGUF = ".gguf";

    private NearbyModel() { }

    /// In words that stand behind `a folder`; empty where there is nothing like a model.
    static Optional<String> of(Path folder) {
        return first(folder, file -> file.toString().endsWith(GGUF) && Files.isRegularFile(file))
                .map(file -> "with " + file.getFileName() + ", whose own path opens it")
                .or(() -> first(folder, NearbyModel::isModel)
                        .or(() -> first(folder.resolve("snapshots"), NearbyModel::isModel))
                        .map(model -> "around " + model));
    }

    private static boolean isModel(Path folder) {
        return Files.exists(folder.resolve("config.json")) && Files.exists(folder.resolve("tokenizer.json"));
    }

    private static Optional<Path> first(Path folder, Predicate<Path> fits) {
        try (var files = Files.list(folder)) {
            return files.filter(fits).sorted().findFirst();
        } catch (IOException | UncheckedIOException _) {
            return Optional.empty();
        }
    }
}
