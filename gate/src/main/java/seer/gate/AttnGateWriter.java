package seer.gate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import seer.model.load.AtomicFile;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsWriter;

/// Writes gate adapters: upstream's configuration keys and tensor names, in safetensors.
///
/// Weights come first, the configuration last, each put in place as a whole: a folder that has a configuration has
/// the weights that belong to it, even after a crash.
public final class AttnGateWriter {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private AttnGateWriter() { }

    /// One tensor of the adapter.
    public record Weights(String name, float[] values, int... shape) { }

    /// The name of a tensor; `part` is `k` or `q`.
    public static String tensorName(int layer, String part) {
        return "model.layers." + layer + ".self_attn.attn_gate.mask_linear_" + part + ".weight";
    }

    /// Writes an adapter into `folder`, over the one that may be there.
    ///
    /// @param family     the model's `model_type`
    /// @param provenance where the weights come from, stored as `seer_training`; may be null
    public static void write(Path folder, GateConfig config, String family, List<Weights> weights, DType type,
                             ObjectNode provenance) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(folder.resolve(AttnGateFile.CONFIG));
        var writer = new SafetensorsWriter();
        weights.forEach(tensor -> writer.add(tensor.name(), type, tensor.values(), tensor.shape()));
        writer.write(folder.resolve(AttnGateFile.WEIGHTS));
        ObjectNode json = JSON.createObjectNode().put("base_model", config.baseModel());
        if (config.baseModelSha256() != null) {
            json.put("base_model_sha256", config.baseModelSha256());
        }
        json.put("model_type", family).put("seerattn_gate_type", config.type())
                .put("seerattn_gate_block_size", config.block()).put("seerattn_gate_hidden_size", config.width())
                .put("seer_gate_activation", config.activation().name().toLowerCase(java.util.Locale.ROOT))
                .put("seer_gate_rope", config.rope());
        put(json, config.thresholds());
        if (provenance != null) {
            json.set("seer_training", provenance);
        }
        write(folder.resolve(AttnGateFile.CONFIG), json);
    }

    /// Stores thresholds in the adapter in `folder`; every other key stays as it is.
    ///
    /// @param provenance how they were found, stored as `seer_calibration`
    public static void calibrate(Path folder, GateThresholds thresholds, ObjectNode provenance) {
        Path file = folder.resolve(AttnGateFile.CONFIG);
        try {
            if (!(JSON.readTree(file.toFile()) instanceof ObjectNode json)) {
                throw new MalformedModelException(file, "wanted a JSON object");
            }
            put(json, thresholds);
            json.set("seer_calibration", provenance);
            write(file, json);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void put(ObjectNode json, GateThresholds thresholds) {
        json.remove(List.of(GateThresholds.ONE, GateThresholds.MANY));
        if (thresholds == null) {
            return;
        }
        if (thresholds.values().size() == 1) {
            json.put(GateThresholds.ONE, thresholds.values().getFirst());
        } else {
            thresholds.values().forEach(json.putArray(GateThresholds.MANY)::add);
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        AtomicFile.write(file, JSON.writeValueAsString(json) + "\n");
    }
}
