package seer.support;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// The folder of SmolLM2-135M-Instruct as GGUF with its golden values, which is not part of the project: the system
/// property `seer.test.realModel` or the environment variable `SEER_REAL_MODEL` says where it is.
public final class RealModel {
    private RealModel() { }

    /// A file of the folder; without one the test is skipped.
    public static Path file(String name) {
        String folder = System.getProperty("seer.test.realModel", System.getenv("SEER_REAL_MODEL"));
        Assumptions.assumeTrue(folder != null,
                "neither -Dseer.test.realModel nor SEER_REAL_MODEL says where SmolLM2-135M-Instruct.Q4_1.gguf is");
        Path file = Path.of(folder).resolve(name);
        Assumptions.assumeTrue(Files.exists(file), file + " is not there");
        return file;
    }

    public static Path gguf() {
        return file("SmolLM2-135M-Instruct.Q4_1.gguf");
    }
}
