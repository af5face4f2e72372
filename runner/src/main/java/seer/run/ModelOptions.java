package seer.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import seer.gate.AttnGate;
import seer.gate.SelectorSpec;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.run.cluster.DeviceCrew;
import seer.run.cluster.ModelPlace;

/// Which model, which gates, where they compute.
final class ModelOptions {
    private static final String CONFIG = "config.json";

    @Option(names = "--model", paramLabel = "PATH", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder with config.json, tokenizer.json and model.safetensors, or a GGUF file (default: "
                    + "the shipped demo-model).")
    private Path model;

    @Option(names = "--gate", paramLabel = "DIR",
            description = "Folder with the gate adapter (default: the folder gate inside the model's, or beside a "
                    + "file).")
    private Path gate;

    @Mixin private BackendOptions backendOptions;

    /// For a command that needs no gates, or makes them.
    Workbench open() {
        if (gate != null) {
            throw new UsageException("--gate " + gate + " where nothing uses gates, wanted a selector that does, such "
                    + "as gate:density=0.1");
        }
        return open(gates());
    }

    /// For these selectors: if one needs gates, they must be there before the model is opened, which takes time.
    Workbench open(Collection<SelectorSpec> selectors) {
        return selectors.stream().noneMatch(SelectorSpec::needsGate) ? open()
                : openWithGates(", or choose blocks without any: --select dense, or a rival, such as --select "
                        + "meanpool:density=0.1");
    }

    /// With gates, which must be there.
    ///
    /// @param without what else can be done where there are none; empty if nothing
    Workbench openWithGates(String without) {
        Path folder = gates();
        checkModel();
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            throw new IllegalArgumentException((gate == null ? model + " has no gates" : "--gate " + gate
                    + " is no folder of gates") + ": there is no " + folder.resolve(CONFIG)
                    + "; train gates with seer train-gate --model " + model + " --out " + folder
                    + " --text TEXT, or name others with --gate" + without);
        }
        return open(folder);
    }

    /// Only where to compute, for what needs no model.
    ///
    /// @param halves whether the work is of a shape for bf16
    Backend backend(boolean halves) {
        return backendOptions.openWithoutFile(() -> halves);
    }

    /// What other processes open to do as this one does.
    ModelPlace place(Workbench bench) {
        return backendOptions.place(model, bench.model().sha256(), bench.gateFolder(), true);
    }

    /// Processes on further devices that open the model while this one does; null where none are named.
    DeviceCrew crew(DeviceOptions devices) {
        devices.check(backendOptions);
        if (devices.asked()) {
            checkModel();
        }
        return devices.start(backendOptions, model, true);
    }

    /// The same, or this process alone.
    DeviceCrew crewOrAlone(DeviceOptions devices) {
        var crew = crew(devices);
        return crew == null ? DeviceCrew.alone() : crew;
    }

    private Path gates() {
        return gate != null ? gate : AttnGate.folder(model);
    }

    private void checkModel() {
        if (!Files.exists(model)) {
            throw new UsageException("--model " + model + ": no such folder or file");
        }
    }

    private Workbench open(Path gates) {
        checkModel();
        Backend opened = backendOptions.open(() -> LanguageModel.suitsTensorCores(model));
        try {
            var model = LanguageModel.open(this.model, opened);
            System.gc(); // what was read on the way would stay in memory, since little is thrown away from now on
            return new Workbench(opened, model, gates);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }
}
