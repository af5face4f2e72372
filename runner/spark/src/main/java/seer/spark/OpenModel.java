package seer.spark;

import seer.eval.plan.Library;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
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
        return switch (place.backend()) {
            case CPU -> cpu(place);
            case AUTO -> device.isEmpty() ? cpu(place) : tornado(place, device);
            case TORNADO -> tornado(place, device);
            case SIMULATOR -> Backends.simulator(precision(place));
        };
    }

    private static Backend cpu(Place place) {
        int threads = place.threads() == 0 ? Slots.cores() : place.threads();
        return place.precision() == Place.Precision.INT8 ? Backends.cpuInt8(threads)
                : Backends.cpu(threads, place.precision() == Place.Precision.F32 ? ElementType.F32 : null);
    }

    private static Backend tornado(Place place, String device) {
        if (!device.isEmpty()) {
            Backends.takeDeviceAt(device);
        }
        return Backends.tornado(precision(place));
    }

    private static ElementType precision(Place place) {
        return switch (place.precision()) {
            case F32 -> ElementType.F32;
            case BF16 -> ElementType.BF16;
            case INT8 -> throw new IllegalArgumentException("precision is int8 on a device, wanted backend cpu");
            case AUTO -> Backends.tensorCoreObstacle().isEmpty()
                    && LanguageModel.suitsTensorCores(Locations.local(place.model())) ? ElementType.BF16
                    : ElementType.F32;
        };
    }

    @Override
    public void close() {
        library.close();
        model.close();
        backend.close();
    }
}
