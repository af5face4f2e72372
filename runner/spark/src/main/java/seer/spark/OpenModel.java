package seer.spark;

import seer.eval.plan.Library;
import seer.model.BackendChoice;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.run.cluster.EvalWorker;

/// A backend, a model and its library, opened together.
record OpenModel(Backend backend, LanguageModel model, Library library) implements AutoCloseable {

    static OpenModel open(Place place, String device) {
        Backend backend = backend(place, device);
        try {
            requireGates(place);
            var model = LanguageModel.open(Locations.local(place.model()), backend);
            if (place.sha256() != null && !place.sha256().equals(model.sha256())) {
                model.close();
                throw new IllegalArgumentException(place.model() + " has weights of SHA-256 " + model.sha256()
                        + ", wanted " + place.sha256());
            }
            return new OpenModel(backend, model, new Library(model, EvalWorker::text));
        } catch (RuntimeException | Error e) {
            backend.close();
            throw e;
        }
    }

    /// An adapter that is not there is told by what reads it.
    private static void requireGates(Place place) {
        if (place.gates() == null || !GateFiles.exist(place)) {
            return;
        }
        String found = GateFiles.sha256(place);
        if (!place.gates().equals(found)) {
            throw new IllegalArgumentException("gates in " + GateFiles.folder(place) + " have SHA-256 " + found
                    + ", wanted " + place.gates());
        }
    }

    private static Backend backend(Place place, String device) {
        var choice = place.choice(Slots.cores(), !device.isEmpty());
        if (choice.kind() == BackendChoice.Kind.TORNADO && !device.isEmpty()) {
            Backends.takeDeviceAt(device);
        }
        return choice.open(() -> LanguageModel.suitsTensorCores(Locations.local(place.model())));
    }

    @Override
    public void close() {
        library.close();
        model.close();
        backend.close();
    }
}
