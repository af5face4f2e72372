package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import seer.gate.course.TrainingSequence;
import seer.model.BlockSelector;
import seer.model.LayerObserver;
import seer.model.ModelConfig;
import seer.model.PrefillRequest;
import seer.model.Session;

/// Several gates that learn from the same forward passes: reads a sequence, adds their gradients.
///
/// Each gate, layer and group has its own place for the gradient and for the loss, and places are summed in a fixed
/// order: results do not depend on the number of threads. Nothing of a sequence is kept but buffers.
final class GateLearner implements AutoCloseable {

    /// What a rotation depends on.
    private record RotationKey(int block, int width, int tokens, boolean rope) { }

    private final ModelConfig model;
    private final Map<RotationKey, BlockRotation> rotations = new ConcurrentHashMap<>();
    private final HostPool pool;
    private final FeatureCollector collector;
    private final LongAdder nanos = new LongAdder();

    GateLearner(ModelConfig model, List<GateRecipe> recipes, int threads) {
        this.model = model;
        this.pool = new HostPool(threads, model.layers());
        this.collector = new FeatureCollector(recipes);
    }

    /// Reads a sequence with frozen weights and adds `weight` times its gradient. The gates' part of the last layers
    /// may be under way when it returns, so that the backend can go on to the next sequence; [#losses] waits for it.
    ///
    /// @param gates     their weights
    /// @param gradients of each gate as [GateParameters#zeros] makes them
    Reading read(Session session, List<GateParameters> gates, TrainingSequence sequence, double weight,
                 List<List<float[]>> gradients) {
        var reading = new Reading(gates, sequence, weight, gradients);
        session.prefill(PrefillRequest.of(sequence.tokens(), BlockSelector.dense())
                .observedBy(observer(reading)));
        return reading;
    }

    /// Looks into a dense pass; its tasks run beside it.
    LayerObserver observer(Reading reading) {
        return collector.taking((layer, features) -> pool.submit(reading.tasks(layer, features)));
    }

    /// Waits until all that was seen is learned, of this sequence and those before it.
    ///
    /// @return a loss for each gate
    List<Gradients.Loss> losses(Reading reading) {
        pool.await();
        return reading.losses();
    }

    /// Time that host threads spent in losses and gradients, summed over the threads.
    long gateNanos() {
        return nanos.sum();
    }

    /// One sequence on its way through the layers.
    final class Reading {
        private final List<GateParameters> gates;
        private final TrainingSequence sequence;
        private final double weight;
        private final List<List<float[]>> gradients;
        private final GateStep.Sums[][] sums; // [gates][layers * groups]

        Reading(List<GateParameters> gates, TrainingSequence sequence, double weight, List<List<float[]>> gradients) {
            this.gates = gates;
            this.sequence = sequence;
            this.weight = weight;
            this.gradients = gradients;
            this.sums = new GateStep.Sums[gates.size()][model.layers() * model.groups()];
        }

        /// What a layer of the sequence asks of the gates, to be done while the backend goes on.
        List<Consumer<Workspace>> tasks(int layer, BlockFeatures features) {
            var tasks = new ArrayList<Consumer<Workspace>>();
            for (int g = 0; g < gates.size(); g++) {
                int gate = g;
                for (int k = 0; k < model.groups(); k++) {
                    int group = k;
                    tasks.add(space -> {
                        long start = System.nanoTime();
                        sums[gate][layer * model.groups() + group] = step(gate, layer, group, features, space);
                        nanos.add(System.nanoTime() - start);
                    });
                }
            }
            return tasks;
        }

        private GateStep.Sums step(int gate, int layer, int group, BlockFeatures features, Workspace space) {
            var weights = gates.get(gate);
            var recipe = weights.layout().recipe();
            return new GateStep(weights.layout(), features, rotation(recipe, recipe.block(), features),
                    rotation(recipe, recipe.keyBlock(), features), space)
                    .run(weights.key(layer, gradients.get(gate)), weights.query(layer, gradients.get(gate)), group,
                            sequence.answerRow(recipe.block()), weight);
        }

        List<Gradients.Loss> losses() {
            var losses = new ArrayList<Gradients.Loss>();
            for (GateStep.Sums[] parts : sums) {
                double loss = 0;
                double divergence = 0;
                long rows = 0;
                for (GateStep.Sums part : parts) {
                    loss += part.loss();
                    divergence += part.divergence();
                    rows += part.rows();
                }
                losses.add(new Gradients.Loss(loss, divergence / rows));
            }
            return losses;
        }
    }

    private BlockRotation rotation(GateRecipe recipe, int block, BlockFeatures features) {
        return rotations.computeIfAbsent(
                new RotationKey(block, recipe.width(), features.length(), recipe.rope()),
                key -> new BlockRotation(key.rope() ? model.rope().rotary(key.width(), key.tokens()) : null,
                        key.block(), Math.ceilDiv(key.tokens(), key.block())));
    }

    @Override
    public void close() {
        pool.close();
        collector.close();
    }
}
