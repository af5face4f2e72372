package seer.support;

import java.nio.file.Path;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.load.SafetensorsFile;

/// The shipped model, its gates, the reference gates and their test data, opened once for all tests.
public final class Demo {
    public static final Path MODEL = Path.of("demo-model");
    public static final Path GATE = MODEL.resolve("gate");
    public static final Path DATA = Path.of("tests/src/test/resources/demo");
    public static final Path REFERENCE_GATE = DATA.resolve("reference-gate");

    private static LanguageModel model;
    private static AttnGate gate;
    private static AttnGate referenceGate;

    private Demo() { }

    public static synchronized LanguageModel model() {
        if (model == null) {
            model = LanguageModel.open(MODEL, backend());
        }
        return model;
    }

    /// The backend that the system property `seer.test.backend` names, the cpu without it.
    private static Backend backend() {
        String name = System.getProperty("seer.test.backend", "cpu");
        return switch (name) {
            case "cpu" -> Backends.cpu();
            case "tornado" -> Backends.tornado();
            case "simulator" -> Backends.simulator();
            default -> throw new IllegalArgumentException("seer.test.backend is " + name
                    + ", wanted cpu, tornado or simulator");
        };
    }

    /// The shipped gates.
    public static synchronized AttnGate gate() {
        if (gate == null) {
            gate = AttnGate.open(GATE, model());
        }
        return gate;
    }

    /// The gates that the published tables were measured with; distilled by another implementation.
    public static synchronized AttnGate referenceGate() {
        if (referenceGate == null) {
            referenceGate = AttnGate.open(REFERENCE_GATE, model());
        }
        return referenceGate;
    }

    /// Golden values of an independent 32-bit implementation, as floats, by name.
    public static float[] golden(String name) {
        try (var file = SafetensorsFile.open(DATA.resolve("golden.safetensors"))) {
            return file.tensor(name).floats();
        }
    }

    /// Golden integers by name.
    public static int[] goldenInts(String name) {
        try (var file = SafetensorsFile.open(DATA.resolve("golden.safetensors"))) {
            return file.tensor(name).ints();
        }
    }
}
