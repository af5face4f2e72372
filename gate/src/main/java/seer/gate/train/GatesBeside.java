package seer.gate.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.AttnGate;
import seer.gate.course.Parameter;
import seer.gate.course.TrainingSequence;
import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.ModelConfig;
import seer.model.attention.BlockMask;
import seer.model.attention.GateActivation;
import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// Gates that go on learning while the weights of their model change: in each layer of a sparse pass they look at what
/// dense attention would see there, and choose by what they have learned from the next step on.
///
/// Queries and keys are read, never changed: no derivative of the gates' loss reaches the model, and none of the
/// model's reaches the gates, since no derivative goes through a choice.
public final class GatesBeside implements AutoCloseable {
    /// Tiles that dense attention works in.
    private static final int BLOCK = 64;

    private final AttnGate gate;
    private final GateParameters parameters;
    private final GateLearner learner;
    private List<float[]> gradient;
    private GateLearner.Reading reading; // of the sequence at hand

    /// @param gate    whose weights learn
    /// @param threads host threads for the gates' own step
    public GatesBeside(AttnGate gate, ModelConfig model, int threads) {
        var config = gate.config();
        var loss = config.activation() == GateActivation.SOFTMAX ? GateLoss.KL : GateLoss.BCE;
        var recipe = new GateRecipe("gate", config.block(), config.keyBlock(), config.width(), config.queryPooling(),
                config.keyPooling(), config.activation(), loss, TargetPooling.MAX, config.rope(), 1,
                GateRecipe.DROP, SinkTarget.MASS, 1);
        this.gate = gate;
        this.parameters = new GateParameters(GateLayout.of(recipe, model));
        this.learner = new GateLearner(model, List.of(recipe), threads);
        var values = new LinkedHashMap<String, float[]>();
        gate.weights().forEach(weights -> values.put(weights.name(), weights.values()));
        for (Parameter parameter : parameters.all()) {
            System.arraycopy(values.get(parameter.name()), 0, parameter.value(), 0, parameter.value().length);
        }
        gradient = parameters.zeros();
    }

    /// What learns, with the optimiser's means.
    public List<Parameter> parameters() {
        return parameters.all();
    }

    /// What is to look into the sparse pass of a sequence.
    ///
    /// @param weight that its gradient is multiplied with
    public LayerObserver watching(TrainingSequence sequence, double weight) {
        reading = learner.new Reading(List.of(parameters), sequence, weight, List.of(gradient));
        LayerObserver dense = learner.observer(reading);
        return (view, mask, attention, logSumExp) -> {
            if (mask.isDense()) {
                dense.layer(view, mask, attention, logSumExp);
            } else {
                look(view, dense);
            }
        };
    }

    private static void look(LayerView view, LayerObserver observer) {
        var config = view.config();
        var all = BlockMask.dense(config.heads(), BLOCK, 0, view.blocks(BLOCK));
        try (Arena layer = view.arena().within("the layer")) {
            Tensor out = layer.activations(view.rows(), config.heads() * config.headWidth());
            Tensor logSumExp = layer.allocate(config.heads(), view.rows());
            view.backend().attend(view.queries(), view.rows(), 0, view.cache(), all, out, logSumExp);
            observer.layer(view, all, out, logSumExp);
        }
    }

    /// Waits until the sequence is learned.
    public Gradients.Loss loss() {
        return learner.losses(reading).getFirst();
    }

    /// The gradient since it was last asked for, in the order of [#parameters()].
    public List<float[]> takeGradient() {
        var taken = gradient;
        gradient = parameters.zeros();
        return taken;
    }

    /// Chooses by the weights as they are now.
    public void use() {
        Map<String, float[]> values = new LinkedHashMap<>();
        parameters.all().forEach(parameter -> values.put(parameter.name(), parameter.value()));
        gate.load(values);
    }

    @Override
    public void close() {
        learner.close();
    }
}
