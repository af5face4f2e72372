package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import seer.model.BlockSelector;
import seer.model.ModelConfig;
import seer.model.PrefillRequest;
import seer.model.Session;

/// Several gates that learn from the same forward passes: sums gradients over a batch, then changes the weights.
///
/// Each gate, layer and group has its own place for the gradient and for the loss, and places are summed in a fixed
/// order: results do not depend on the number of threads.
final class GateLearner implements AutoCloseable {

    /// A rotation table's key.
    private record Turn(int block, int width, int tokens, boolean rope) { }

    private final ModelConfig model;
    private final List<GateParameters> gates;
    private final GateStep.Sums[][] sums; // [gates][layers * groups], of the last sequence
    private final Map<Turn, BlockRotation> rotations = new ConcurrentHashMap<>();
    private final HostPool pool;
    private final FeatureCollector collector;
    private final LongAdder nanos = new LongAdder();
    private TrainingSequence sequence;
    private double weight;

    GateLearner(ModelConfig model, List<GateParameters> gates, int threads) {
        this.model = model;
        this.gates = gates;
        this.sums = new GateStep.Sums[gates.size()][model.layers() * model.groups()];
        this.pool = new HostPool(threads, model.layers());
        this.collector = new FeatureCollector(gates.stream().map(gate -> gate.layout().recipe()).toList(), this::learn);
    }

    /// Loss and divergence of one gate on one sequence.
    ///
    /// @param loss       summed over the layers, as upstream counts it
    /// @param divergence nats per row, mean over layers, heads and kept rows; 0 for sigmoids
    record Result(double loss, double divergence) { }

    /// Reads a sequence with frozen weights and adds `weight` times its gradient.
    ///
    /// @return a result for each gate
    List<Result> read(Session session, TrainingSequence sequence, double weight) {
        this.weight = weight;
        this.sequence = sequence;
        session.prefill(PrefillRequest.of(sequence.tokens(), BlockSelector.dense()).observedBy(collector));
        pool.await();
        var results = new ArrayList<Result>();
        for (GateStep.Sums[] parts : sums) {
            double loss = 0;
            double divergence = 0;
            long rows = 0;
            for (GateStep.Sums part : parts) {
                loss += part.loss();
                divergence += part.divergence();
                rows += part.rows();
            }
            results.add(new Result(loss, divergence / rows));
        }
        return results;
    }

    /// Time that host threads spent in losses and gradients, summed over the threads.
    long gateNanos() {
        return nanos.sum();
    }

    /// Forgets the gradients.
    void clear() {
        gates.forEach(gate -> gate.all().forEach(p -> java.util.Arrays.fill(p.gradient(), 0)));
    }

    /// Called for each layer of a sequence, while the backend goes on.
    private void learn(int layer, BlockFeatures features) {
        double share = weight;
        var read = sequence;
        var tasks = new ArrayList<Consumer<Workspace>>();
        for (int g = 0; g < gates.size(); g++) {
            var gate = gates.get(g);
            var places = sums[g];
            for (int group = 0; group < model.groups(); group++) {
                int at = group;
                tasks.add(space -> {
                    long start = System.nanoTime();
                    places[layer * model.groups() + at] =
                            new GateStep(gate.layout(), features, rotation(gate.layout().recipe(), features), space)
                                    .run(gate.key(layer), gate.query(layer), at,
                                            read.answerRow(gate.layout().recipe().block()), share);
                    nanos.add(System.nanoTime() - start);
                });
            }
        }
        pool.submit(tasks);
    }

    private BlockRotation rotation(GateRecipe recipe, BlockFeatures features) {
        return rotations.computeIfAbsent(
                new Turn(recipe.block(), recipe.width(), features.length(), recipe.rope()),
                turn -> new BlockRotation(turn.rope() ? model.rope().rotary(turn.width(), turn.tokens()) : null,
                        turn.block(), Math.ceilDiv(turn.tokens(), turn.block())));
    }

    @Override
    public void close() {
        pool.close();
        collector.close();
    }
}
