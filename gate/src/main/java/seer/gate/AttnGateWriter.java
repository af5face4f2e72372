package seer.gate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import seer.model.backend.NotFiniteException;
import seer.model.load.AtomicFile;
import seer.model.load.DType;
import seer.model.load.FileTrouble;
import seer.model.load.JsonFile;
import seer.model.load.SafetensorsWriter;
import seer.model.load.WeightSketch;

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
    /// @throws NotFiniteException if a weight is NaN or infinite: nothing is written
    public static void write(Path folder, GateConfig config, String family, List<Weights> weights, DType type,
                             ObjectNode provenance) throws IOException {
        var writer = new SafetensorsWriter();
        for (Weights tensor : weights) {
            requireFinite(tensor, type);
            writer.add(tensor.name(), type, tensor.values(), tensor.shape());
        }
        Files.createDirectories(folder);
        Files.deleteIfExists(folder.resolve(AttnGateFile.CONFIG));
        writer.write(folder.resolve(AttnGateFile.WEIGHTS));
        ObjectNode json = JSON.createObjectNode().put("base_model", config.baseModel());
        if (config.baseModelSha256() != null) {
            json.put("base_model_sha256", config.baseModelSha256());
        }
        put(json, config.baseModelSketch());
        json.put("model_type", family).put("seerattn_gate_type", config.type())
                .put("seerattn_gate_block_size", config.block()).put("seerattn_gate_hidden_size", config.width())
                .put("seer_gate_activation", config.activation().name().toLowerCase(Locale.ROOT))
                .put("seer_gate_rope", config.rope());
        if (config.fold() > 1) {
            json.put(GateConfig.KEY_BLOCK, config.keyBlock());
        }
        put(json, config.thresholds());
        if (provenance != null) {
            json.set("seer_training", provenance);
        }
        write(folder.resolve(AttnGateFile.CONFIG), json);
    }

    /// Also after rounding: the largest numbers that 32 bits hold are infinite in BF16.
    private static void requireFinite(Weights tensor, DType type) {
        for (float value : tensor.values()) {
            float stored = type == DType.BF16
                    ? Float.intBitsToFloat(SafetensorsWriter.bfloat16(value) << Short.SIZE) : value;
            if (!Float.isFinite(stored)) {
                throw new NotFiniteException("tensor " + tensor.name() + " holds " + value + ", wanted numbers that "
                        + "are finite as " + type + ": these gates are not written");
            }
        }
    }

    /// Stores thresholds in the adapter in `folder`; every other key stays as it is.
    ///
    /// @param provenance how they were found, stored as `seer_calibration`
    public static void calibrate(Path folder, GateThresholds thresholds, ObjectNode provenance) {
        calibrate(folder, thresholds, null, provenance);
    }

    /// The same; adapters that were written without one also get the sketch of their model's weights.
    ///
    /// @param sketch null to leave it as it is
    public static void calibrate(Path folder, GateThresholds thresholds, WeightSketch sketch, ObjectNode provenance) {
        Path file = folder.resolve(AttnGateFile.CONFIG);
        JsonFile.read(file); // complains of whatever is no object
        try {
            var json = (ObjectNode) JSON.readTree(file.toFile());
            put(json, thresholds);
            put(json, sketch);
            json.set("seer_calibration", provenance);
            write(file, json);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    private static void put(ObjectNode json, WeightSketch sketch) {
        if (sketch != null) {
            sketch.values().forEach(json.putArray(AttnGateFile.SKETCH)::add);
        }
    }

    private static void put(ObjectNode json, GateThresholds thresholds) {
        json.remove(List.of(GateThresholds.ONE, GateThresholds.MANY, GateThresholds.LENGTHS,
                GateThresholds.KEEP_FIRST, GateThresholds.CORRECTION));
        if (thresholds == null) {
            return;
        }
        if (thresholds.values().size() == 1) {
            json.put(GateThresholds.ONE, thresholds.values().getFirst());
        } else {
            thresholds.values().forEach(json.putArray(GateThresholds.MANY)::add);
        }
        if (!thresholds.lengths().isEmpty()) {
            thresholds.lengths().forEach(json.putArray(GateThresholds.LENGTHS)::add);
        }
        json.put(GateThresholds.KEEP_FIRST, thresholds.keepFirst());
        if (thresholds.correction() != null) {
            json.put(GateThresholds.CORRECTION, thresholds.correction().text());
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        AtomicFile.write(file, JSON.writeValueAsString(json) + "\n");
    }
}
