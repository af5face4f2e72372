package seer.run;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import seer.model.LanguageModel;
import seer.model.backend.Backend;

/// Which model, which gates, where they compute.
final class ModelOptions {
    @Option(names = "--model", paramLabel = "DIR", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder with config.json, tokenizer.json and model.safetensors (default: the shipped "
                    + "demo-model).")
    private Path model;

    @Option(names = "--gate", paramLabel = "DIR",
            description = "Folder with the gate adapter (default: the folder gate inside the model's).")
    private Path gate;

    @Mixin private BackendOptions backendOptions;

    Workbench open() {
        return open("gate");
    }

    /// Opens the model with the gates in `preferred`, a folder inside the model's, where it has them and `--gate` does
    /// not say otherwise.
    Workbench open(String preferred) {
        if (!Files.isDirectory(model)) {
            throw new UsageException("--model " + model + ": no such folder");
        }
        Backend opened = backendOptions.open();
        try {
            var inside = model.resolve(Files.isDirectory(model.resolve(preferred)) ? preferred : "gate");
            var gates = gate == null ? inside : gate;
            return new Workbench(opened, LanguageModel.open(model, opened), gates);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }
}
