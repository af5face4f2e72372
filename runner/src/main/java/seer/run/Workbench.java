package seer.run;

import java.nio.file.Path;
import seer.eval.plan.Library;
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
    private final Library library;

    Workbench(Backend backend, LanguageModel model, Path gateFolder) {
        this.backend = backend;
        this.model = model;
        this.gateFolder = gateFolder;
        this.library = new Library(model, TextInput::read);
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

    /// The texts and gates that specifications name.
    Library library() {
        return library;
    }

    AttnGate gate() {
        boolean first = library.opened(gateFolder) == null;
        AttnGate gate = library.gate(gateFolder);
        if (first) {
            System.gc(); // what was read on the way, as after the model
        }
        return gate;
    }

    /// The gates if they were needed, else null.
    AttnGate usedGate() {
        return library.opened(gateFolder);
    }

    BlockSelector selector(SelectorSpec spec, ForcedBlocks forced) {
        return spec.selector(this::gate, forced);
    }

    @Override
    public void close() {
        library.close();
        model.close();
        backend.close();
    }
}
