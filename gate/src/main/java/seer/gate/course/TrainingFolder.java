package seer.gate.course;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a training keeps its files: what it makes in the folder itself, the rest in `training` inside it.
public record TrainingFolder(Path folder) {

    /// Creates the folders.
    public void create() throws IOException {
        Files.createDirectories(training());
    }

    /// Refuses to go on while a training is at work in the folder.
    ///
    /// @throws FolderInUseException if one is
    public void requireFree() {
        TrainingLock.of(this).close();
    }

    /// What a training at work locks.
    public Path lock() {
        return training().resolve("lock");
    }

    /// The training text as tokens.
    public Path tokens() {
        return training().resolve("tokens.safetensors");
    }

    /// Weights and running means.
    public Path checkpoint() {
        return training().resolve("checkpoint.safetensors");
    }

    public boolean hasCheckpoint() {
        return Files.exists(checkpoint());
    }

    /// The configuration of a model that is trained, as it will be.
    public Path config() {
        return training().resolve("config.json");
    }

    /// A line for each step.
    public Path metrics() {
        return training().resolve("metrics.csv");
    }

    /// The loss as a picture.
    public Path plot() {
        return training().resolve("loss.png");
    }

    private Path training() {
        return folder.resolve("training");
    }
}
