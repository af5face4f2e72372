package seer.gate.tune;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import seer.gate.AttnGate;
import seer.gate.AttnGateWriter;
import seer.gate.GateConfig;
import seer.model.LanguageModel;
import seer.model.RopeConfig;
import seer.model.convert.ModelFolder;
import seer.model.load.DType;
import seer.model.load.WeightSketch;
import seer.model.load.WeightStore;

/// A model at the end of its fine-tuning.
///
/// @param data    where the training data came from, in words
/// @param weights those that changed, by name
/// @param gate    that chose its blocks; null where attention was dense
/// @param history every step that was made
public record TunedModel(LanguageModel model, TuningPlan plan, String data, Map<String, float[]> weights, AttnGate gate,
                         List<TuningReport> history) {
    /// Steps that the final loss is a mean over, or a tenth of all if that is fewer.
    private static final int FINAL = 50;

    /// Writes the model as a folder in Hugging Face layout, and its gates as an adapter in the folder `gate` inside, as
    /// gates of the new weights. Thresholds that the gates were calibrated to were of the old ones, and are left out.
    ///
    /// @param baseModel name of the model that it came from
    /// @param version   of this program
    /// @return what was written
    public List<Path> write(Path folder, String baseModel, String version, DType type) throws IOException {
        var changed = new LinkedHashMap<String, ModelFolder.WeightTensorValues>();
        weights.forEach((name, values) ->
                changed.put(name, new ModelFolder.WeightTensorValues(values, model.shape(name))));
        new ModelFolder(model.path(), model.config()).write(folder, changed, type, provenance(baseModel, version));
        var written = new ArrayList<>(List.of(folder));
        if (gate != null) {
            written.add(folder.resolve("gate"));
            adapter(folder, baseModel, version, type);
        }
        return written;
    }

    private void adapter(Path folder, String baseModel, String version, DType type) throws IOException {
        var old = gate.config();
        try (var store = WeightStore.open(folder)) {
            var config = new GateConfig(folder.toAbsolutePath().getFileName().toString(), store.sha256(),
                    WeightSketch.of(store), old.block(), old.width(), old.queryPooling(), old.keyPooling(),
                    old.activation(), old.keyBlock(), old.rope(), null);
            AttnGateWriter.write(folder.resolve("gate"), config, model.config().family(), gate.weights(), type,
                    provenance(baseModel, version));
        }
    }

    private ObjectNode provenance(String baseModel, String version) {
        var info = model.backend().info();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("base_model", baseModel)
                .put("base_model_sha256", model.sha256()).put("data", data).put("train", plan.part().text())
                .put("attention", plan.density() == null ? "dense" : "gate:density=" + plan.density().text())
                .put("gates", gate == null ? "none" : plan.trainsGates() ? "trained beside" : "frozen")
                .put("gate_loss_weight", plan.gates()).put("context", model.config().contextLength());
        if (model.config().rope().scaling() instanceof RopeConfig.Scaling.Yarn yarn) {
            json.put("yarn_factor", yarn.factor());
        }
        json.put("steps", history.size()).put("planned_steps", plan.steps())
                .put("sequences", (long) history.size() * plan.batch())
                .put("tokens", history.stream().mapToLong(TuningReport::tokens).sum());
        plan.lengths().forEach(json.putArray("lengths")::add);
        json.put("seed", plan.seed()).put("learning_rate", plan.rates().model())
                .put("gate_learning_rate", plan.rates().gates()).put("clip", plan.clip())
                .put("weight_decay", plan.decay()).put("warm_up", plan.warmUp());
        var last = history.subList(history.size() - Math.min(FINAL, Math.ceilDiv(history.size(), 10)), history.size());
        if (!last.isEmpty()) {
            json.put("final_loss", mean(last, TuningReport::loss)).put("final_over_steps", last.size())
                    .put("density_reached", mean(history, TuningReport::density));
        }
        return json.put("backend", info.backend() + ", " + info.device()).put("seer_version", version);
    }

    private static double mean(List<TuningReport> steps, ToDoubleFunction<TuningReport> number) {
        return steps.stream().mapToDouble(number).average().orElseThrow();
    }
}
