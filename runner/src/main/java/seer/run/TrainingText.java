package seer.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import seer.gate.course.TextCorpus;
import seer.model.LanguageModel;

/// The texts that a training reads, as tokens of its model.
///
/// @param option that names them, as complaints say it
record TrainingText(String option, List<Path> paths) {

    /// All of them, encoded now.
    TextCorpus read(LanguageModel model) {
        return named(() -> TextCorpus.read(paths, model.tokenizer(), separator(model)));
    }

    /// All of them, from `tokens` where a training goes on.
    TextCorpus kept(LanguageModel model, Path tokens) {
        Path file = model.path();
        return named(() -> TextCorpus.kept(tokens, paths, model.tokenizer(),
                Files.isDirectory(file) ? file.resolve("tokenizer.json") : file, separator(model)));
    }

    private TextCorpus named(Supplier<TextCorpus> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + " " + e.getMessage());
        }
    }

    /// The token between documents, negative for none.
    private static int separator(LanguageModel model) {
        var ends = model.config().endOfText();
        return ends.isEmpty() ? -1 : ends.getFirst();
    }
}
