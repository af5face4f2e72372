package seer.run.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import seer.model.ModelConfig;
import seer.model.RopeConfig;
import seer.model.RopeConfig.Scaling;

/// Shapes of published models, as their config.json has them.
public enum NamedShape {
    /// 8.03 billion weights.
    LLAMA_3_1_8B("llama-3.1-8b", new ModelConfig("llama", 4096, 32, 32, 8, 128, 14336, 128256, 1e-5, 131072, false,
            false, false, new RopeConfig(500_000, new Scaling.Llama3(8, 1, 4, 8192)), List.of(128001))),
    /// 1.24 billion weights.
    LLAMA_3_2_1B("llama-3.2-1b", new ModelConfig("llama", 2048, 16, 32, 8, 64, 8192, 128256, 1e-5, 131072, true,
            false, false, new RopeConfig(500_000, new Scaling.Llama3(32, 1, 4, 8192)), List.of(128001))),
    /// 7.62 billion weights.
    QWEN2_5_7B("qwen2.5-7b", new ModelConfig("qwen2", 3584, 28, 28, 4, 128, 18944, 152064, 1e-6, 131072, false,
            true, false, new RopeConfig(1_000_000, new Scaling.None()), List.of(151643)));

    private final String label;
    private final ModelConfig config;

    NamedShape(String label, ModelConfig config) {
        this.label = label;
        this.config = config;
    }

    /// As command lines say it.
    public String label() {
        return label;
    }

    /// The shape.
    public ModelConfig config() {
        return config;
    }

    /// The shape of that name.
    public static Optional<NamedShape> named(String label) {
        return Arrays.stream(values()).filter(shape -> shape.label.equals(label)).findFirst();
    }
}
