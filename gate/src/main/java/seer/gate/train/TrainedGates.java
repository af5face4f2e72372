package seer.gate.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.gate.AttnGateWriter;
import seer.gate.course.FolderInUseException;
import seer.gate.course.MetricsReader;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingLock;
import seer.model.LanguageModel;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;

/// Gates at the end of a training, or where one was cut short.
///
/// @param data    where the training data came from, in words
/// @param history every step that was made
public record TrainedGates(LanguageModel model, TrainingPlan plan, String data, List<GateParameters> gates,
                           List<StepReport> history) {
    /// Steps that the final loss is a mean over, or a tenth of all if that is fewer.
    private static final int FINAL = 50;

    /// The gates of the checkpoint in `folder`, as they stand.
    ///
    /// @throws MalformedModelException if there is none, it is broken, or it is of gates for another model
    public static TrainedGates ofCheckpoint(LanguageModel model, TrainingFolder folder) {
        var checkpoint = new Checkpoint(folder.checkpoint());
        var state = checkpoint.state();
        String trained = state.settings().get("model");
        if (!model.sha256().equals(trained)) {
            throw new MalformedModelException(folder.checkpoint(), "its gates are for a model with the checksum "
                    + trained + ", the model in " + model.path() + " has " + model.sha256());
        }
        var gates = state.plan().gates().stream()
                .map(recipe -> new GateParameters(GateLayout.of(recipe, model.config()))).toList();
        checkpoint.read(gates);
        return new TrainedGates(model, state.plan(), state.data(), gates,
                MetricsReader.read(folder.metrics(), StepReport.columns(state.plan().gates()), state.plan().steps(),
                        state.step()).stream().map(line -> StepReport.of(line.row())).toList());
    }

    /// Steps that were made.
    public int steps() {
        return history.size();
    }

    /// Writes an adapter for each gate.
    ///
    /// @param baseModel name of the model
    /// @param version   of this program
    /// @return the folders
    /// @throws FolderInUseException if a training is at work in the folder
    public List<Path> write(TrainingFolder folder, String baseModel, String version, DType type) throws IOException {
        return write(folder, gates.size(), baseModel, version, type);
    }

    /// The same, each in a folder of its name even if there is only one.
    public List<Path> writeEach(TrainingFolder folder, String baseModel, String version, DType type)
            throws IOException {
        return write(folder, Math.max(2, gates.size()), baseModel, version, type);
    }

    private List<Path> write(TrainingFolder folder, int count, String baseModel, String version, DType type)
            throws IOException {
        try (var _ = TrainingLock.of(folder)) {
            return adapters(folder, count, baseModel, version, type);
        }
    }

    private List<Path> adapters(TrainingFolder folder, int count, String baseModel, String version, DType type)
            throws IOException {
        var written = new ArrayList<Path>();
        var sketch = model.sketch();
        for (int g = 0; g < gates.size(); g++) {
            GateRecipe recipe = plan.gates().get(g);
            Path target = count == 1 ? folder.folder() : folder.folder().resolve(recipe.name());
            var weights = gates.get(g).all().stream()
                    .map(p -> new AttnGateWriter.Weights(p.name(), p.value(), p.shape())).toList();
            AttnGateWriter.write(target, recipe.config(baseModel, model.sha256(), sketch),
                    model.config().family(), weights, type, provenance(g, version));
            written.add(target);
        }
        return written;
    }

    private ObjectNode provenance(int g, String version) {
        var last = history.subList(history.size() - Math.min(FINAL, Math.ceilDiv(history.size(), 10)),
                history.size());
        var info = model.backend().info();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("data", data)
                .put("recipe", GateRecipeSpec.format(plan.gates().get(g))).put("steps", steps())
                .put("planned_steps", plan.steps()).put("sequences", (long) steps() * plan.batch())
                .put("tokens", tokens());
        plan.lengths().forEach(json.putArray("lengths")::add);
        json.put("seed", plan.seed()).put("clip", plan.clip()).put("weight_decay", plan.decay())
                .put("warm_up", plan.warmUp()).put("target_has_first_block", true);
        if (!last.isEmpty()) {
            json.put("final_loss", last.stream().mapToDouble(row -> row.gates().get(g).loss()).average().orElseThrow())
                    .put("final_kl_nats",
                            last.stream().mapToDouble(row -> row.gates().get(g).divergence()).average().orElseThrow())
                    .put("final_over_steps", last.size());
        }
        return json.put("backend", info.backend() + ", " + info.device()).put("seer_version", version);
    }

    private long tokens() {
        long tokens = 0;
        for (long index = 0; index < (long) steps() * plan.batch(); index++) {
            tokens += plan.length(index);
        }
        return tokens;
    }
}
