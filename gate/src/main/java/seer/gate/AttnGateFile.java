package seer.gate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import seer.model.LanguageModel;
import seer.model.ModelConfig;
import seer.model.attention.GateActivation;
import seer.model.backend.Arena;
import seer.model.backend.Tensor;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.TensorFile;
import seer.model.load.WeightSketch;
import seer.model.load.WeightTensor;

/// Reads a gate adapter: upstream's configuration keys and tensor names, in safetensors or its own pickles.
final class AttnGateFile {
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "attn_gate_weights.safetensors";
    /// Upstream's own, which is read where there are no safetensors.
    static final String PICKLED = "attn_gate_weights.pth";
    static final String SKETCH = "base_model_sketch";

    private final GateConfig config;
    private final LanguageModel model;
    private final TensorFile file;
    private final Arena arena;
    private long parameters;

    private AttnGateFile(GateConfig config, LanguageModel model, TensorFile file, Arena arena) {
        this.config = config;
        this.model = model;
        this.file = file;
        this.arena = arena;
    }

    static AttnGate read(Path folder, LanguageModel model) {
        var config = config(folder.resolve(CONFIG), model);
        boolean pickled = !Files.exists(folder.resolve(WEIGHTS)) && Files.exists(folder.resolve(PICKLED));
        try (var file = TensorFile.open(folder.resolve(pickled ? PICKLED : WEIGHTS))) {
            Arena arena = model.backend().arena("the gates in " + folder, 4 * file.parameterCount());
            try {
                arena.reserve(file.parameterCount());
                return new AttnGateFile(config, model, file, arena).gate();
            } catch (RuntimeException | Error e) {
                arena.close();
                throw e;
            }
        }
    }

    private AttnGate gate() {
        var layers = new ArrayList<GateLayer>();
        for (int layer = 0; layer < model.config().layers(); layer++) {
            layers.add(layer(layer));
        }
        int extra = model.config().layers();
        if (file.has(name(extra, "k"))) {
            throw new MalformedModelException(file.file(), "it has gates for layer " + extra + ", the model in "
                    + model.path() + " has " + extra + " layers");
        }
        checkNames();
        return new AttnGate(arena, config, List.copyOf(layers), parameters, model.parameters());
    }

    /// What nobody reads would make other gates of these.
    private void checkNames() {
        var left = new TreeSet<>(file.names());
        for (int layer = 0; layer < model.config().layers(); layer++) {
            left.remove(name(layer, "k"));
            left.remove(name(layer, "q"));
        }
        if (!left.isEmpty()) {
            throw new MalformedModelException(file.file(), "tensor " + Quoted.name(left.first()) + ": wanted only "
                    + name(0, "k") + " and the like, got " + left.size() + " of other names");
        }
    }

    private GateLayer layer(int layer) {
        ModelConfig m = model.config();
        boolean projectsQueries = file.has(name(layer, "q"));
        int queryWidth = config.queryPooling().size() * m.headWidth();
        if (!projectsQueries && queryWidth != config.width()) {
            throw new MalformedModelException(file.file(), "tensor " + name(layer, "q") + " is missing: pooled queries "
                    + "are " + queryWidth + " wide and seerattn_gate_hidden_size is " + config.width() + " in "
                    + CONFIG);
        }
        int keyWidth = config.keyPooling().size() * m.headWidth();
        var key = tensor(name(layer, "k"), projectsQueries ? m.groups() : m.heads(), keyWidth);
        return new GateLayer(upload(key), projectsQueries
                ? upload(tensor(name(layer, "q"), m.heads(), queryWidth)) : null);
    }

    private WeightTensor tensor(String name, int heads, int inputs) {
        var tensor = file.tensor(name);
        var wanted = List.of(heads, inputs, config.width());
        if (!tensor.shape().equals(wanted)) {
            throw new MalformedModelException(file.file(), "tensor " + name + " has shape " + tensor.shape()
                    + ", wanted " + wanted + " by " + CONFIG + " beside it");
        }
        return tensor;
    }

    private Tensor upload(WeightTensor tensor) {
        parameters += tensor.size();
        return arena.take(tensor.finiteFloats(), tensor.shape().stream().mapToInt(i -> i).toArray());
    }

    private static String name(int layer, String part) {
        return AttnGateWriter.tensorName(layer, part);
    }

    private static GateConfig config(Path path, LanguageModel model) {
        var json = JsonFile.read(path);
        String sha = json.optionalString("base_model_sha256").orElse(null);
        WeightSketch sketch = sketch(json);
        if (sha != null && !sha.equalsIgnoreCase(model.sha256())
                && (sketch == null || !sketch.matches(model.sketch()))) {
            throw new MalformedModelException(path, "base_model_sha256 is " + Quoted.of(sha) + ", the model in "
                    + model.path()
                    + " has " + model.sha256() + (sketch == null ? "" : " and is no copy of it in another precision")
                    + ": these gates were made for another model");
        }
        try {
            var poolings = GateConfig.poolings(json.optionalString("seerattn_gate_type").orElse("Qavg_Kmaxminavg"));
            int block = json.optionalInt("seerattn_gate_block_size").orElse(64);
            return new GateConfig(json.optionalString("base_model").orElse("unnamed"), sha, sketch, block,
                    json.optionalInt("seerattn_gate_hidden_size").orElse(128),
                    poolings.get(0), poolings.get(1),
                    activation(json.optionalString("seer_gate_activation").orElse("softmax")),
                    json.optionalInt(GateConfig.KEY_BLOCK).orElse(block),
                    json.optionalBoolean("seer_gate_rope").orElse(true),
                    thresholds(json, model.config()));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(path, e.getMessage(), e);
        }
    }

    private static WeightSketch sketch(JsonFile json) {
        if (!json.has(SKETCH)) {
            return null;
        }
        var values = json.doubleList(SKETCH);
        try {
            return new WeightSketch(values);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(json.file(), "field " + SKETCH + ": " + e.getMessage(), e);
        }
    }

    private static GateThresholds thresholds(JsonFile json, ModelConfig model) {
        if (json.has(GateThresholds.ONE) && json.has(GateThresholds.MANY)) {
            throw json.wrong(GateThresholds.MANY, "nothing beside " + GateThresholds.ONE, "both");
        }
        if (json.has(GateThresholds.ONE)) {
            if (json.has(GateThresholds.LENGTHS)) {
                throw json.wrong(GateThresholds.LENGTHS, "nothing beside " + GateThresholds.ONE, "both");
            }
            return new GateThresholds(List.of(), List.of(json.requireDouble(GateThresholds.ONE)), keepFirst(json),
                    correction(json));
        }
        if (!json.has(GateThresholds.MANY)) {
            if (json.has(GateThresholds.LENGTHS)) {
                throw json.wrong(GateThresholds.LENGTHS, GateThresholds.MANY + " beside it", "none");
            }
            return null;
        }
        List<Double> many = json.doubleList(GateThresholds.MANY);
        List<Integer> lengths = json.has(GateThresholds.LENGTHS) ? json.intList(GateThresholds.LENGTHS) : List.of();
        var sizes = Stream.of(lengths.isEmpty() ? 0 : 1, model.layers(), model.layers() * model.heads())
                .map(size -> size * Math.max(1, lengths.size())).toList();
        if (many.isEmpty() || !sizes.contains(many.size())) {
            throw json.wrong(GateThresholds.MANY, model.layers() + " numbers, one for each layer, or "
                    + model.layers() * model.heads() + ", one for each head" + (lengths.isEmpty() ? ""
                    : ", or one, for each of " + lengths.size() + " lengths"), many.size());
        }
        return new GateThresholds(lengths, many, keepFirst(json), correction(json));
    }

    private static boolean keepFirst(JsonFile json) {
        return json.optionalBoolean(GateThresholds.KEEP_FIRST).orElse(false);
    }

    private static CorrectionSpec correction(JsonFile json) {
        return json.optionalString(GateThresholds.CORRECTION).map(text -> {
            try {
                return CorrectionSpec.parse(text);
            } catch (IllegalArgumentException e) {
                throw json.wrong(GateThresholds.CORRECTION, CorrectionSpec.grammar(), Quoted.of(text));
            }
        }).orElse(null);
    }

    private static GateActivation activation(String name) {
        for (var activation : GateActivation.values()) {
            if (activation.name().toLowerCase(Locale.ROOT).equals(name)) {
                return activation;
            }
        }
        throw new IllegalArgumentException("seer_gate_activation is \"" + Quoted.of(name)
                + "\", wanted softmax or sigmoid");
    }
}
