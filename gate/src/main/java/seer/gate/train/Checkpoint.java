package seer.gate.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;

/// All that a training needs to go on: one safetensors file with weights and both running means of AdamW, replaced as
/// a whole and forced to the disk, so that a run killed at any moment leaves the last one or the one before.
final class Checkpoint {
    private static final String FORMAT = "seer-gate-training-1";

    private final Path file;
    private final Map<String, String> settings;

    /// @param settings what the result depends on: a run goes on only with the same
    Checkpoint(Path file, Map<String, String> settings) {
        this.file = file;
        this.settings = settings;
    }

    void write(int step, List<GateParameters> gates) {
        var writer = new SafetensorsWriter().metadata("format", FORMAT).metadata("step", Integer.toString(step));
        settings.forEach((name, value) -> writer.metadata("setting." + name, value));
        for (GateParameters gate : gates) {
            for (Parameter parameter : gate.all()) {
                String name = gate.layout().recipe().name() + "/" + parameter.name() + "/";
                writer.add(name + "value", DType.F32, parameter.value(), parameter.shape());
                writer.add(name + "mean", DType.F32, parameter.mean(), parameter.shape());
                writer.add(name + "square", DType.F32, parameter.square(), parameter.shape());
            }
        }
        writer.write(file);
    }

    /// Reads it into `gates`.
    ///
    /// @return steps made
    /// @throws MalformedModelException if the file is broken or was made with other settings
    int read(List<GateParameters> gates) {
        try (var open = SafetensorsFile.open(file)) {
            var metadata = open.metadata();
            if (!FORMAT.equals(metadata.get("format"))) {
                throw new MalformedModelException(file, "format is " + metadata.get("format") + ", wanted " + FORMAT);
            }
            settings.forEach((name, value) -> {
                String was = metadata.get("setting." + name);
                if (!value.equals(was)) {
                    throw new MalformedModelException(file, "made with --" + name + " " + was + ", this run has "
                            + value + ": go on with the same settings, or start elsewhere");
                }
            });
            for (GateParameters gate : gates) {
                for (Parameter parameter : gate.all()) {
                    String name = gate.layout().recipe().name() + "/" + parameter.name() + "/";
                    read(open, name + "value", parameter.shape(), parameter.value());
                    read(open, name + "mean", parameter.shape(), parameter.mean());
                    read(open, name + "square", parameter.shape(), parameter.square());
                }
            }
            return step(metadata.get("step"));
        }
    }

    private int step(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new MalformedModelException(file, "step is " + text + ", wanted a number", e);
        }
    }

    private static void read(SafetensorsFile open, String name, int[] shape, float[] target) {
        open.tensor(name).require(shape).read(0, target.length, target, 0);
    }
}
