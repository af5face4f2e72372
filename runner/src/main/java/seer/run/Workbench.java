package seer.run;

import java.nio.file.Path;
import seer.gate.AttnGate;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;

/// An open backend and model, and the gates once a selector asks for them.
final class Workbench implements AutoCloseable {
    private final Backend backend;
    private final LanguageModel model;
    private final Path gateFolder;
    private AttnGate gate;

    Workbench(Backend backend, LanguageModel model, Path gateFolder) {
        this.backend = backend;
        this.model = model;
        this.gateFolder = gateFolder;
    }

    Backend backend() {
        return backend;
    }

    LanguageModel model() {
        return model;
    }

    Path gateFolder() {
        return gateFolder;
    }

    AttnGate gate() {
        if (gate == null) {
            gate = AttnGate.open(gateFolder, model);
        }
        return gate;
    }

    /// The gates if they were needed, else null.
    AttnGate usedGate() {
        return gate;
    }

    BlockSelector selector(SelectorSpec spec, ForcedBlocks forced) {
        return spec.selector(this::gate, forced);
    }

    @Override
    public void close() {
        if (gate != null) {
            gate.close();
        }
        model.close();
        backend.close();
    }
}
