package seer.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;
import seer.gate.train.GateParameters;
import seer.gate.train.GradientSource;
import seer.gate.train.Gradients;
import seer.gate.train.PackedTensors;
import seer.run.cluster.GradientWorker;
import seer.run.cluster.TrainingJob;

/// Gradients of a batch by executors: each reads a run of its sequences, and the sums are added in the order of the
/// sequences, by a tree where they are many. So a step's gradients do not depend on who was first.
///
/// What goes there with every step is the gates' weights, and what comes back is as long; the model's stay.
final class SparkGradients implements GradientSource {
    private static final int BRANCHES = 16; // sums that are added in one place

    private final JavaSparkContext context;
    private final Place place;
    private final Broadcast<TrainingJob> job;
    private final String run = UUID.randomUUID().toString();

    SparkGradients(JavaSparkContext context, Place place, TrainingJob job) {
        this.context = context;
        this.place = place;
        this.job = context.broadcast(job);
    }

    /// What a Spark task computes.
    private record Part(Place place, String run, Broadcast<TrainingJob> job, Broadcast<PackedTensors> weights)
            implements Serializable {

        Iterator<Tuple2<Integer, Gradients>> of(int partition, Iterator<Long> indices) throws InterruptedException {
            var run = LongStream.builder();
            indices.forEachRemaining(run::add);
            long[] sequences = run.build().toArray();
            return sequences.length == 0 ? List.<Tuple2<Integer, Gradients>>of().iterator()
                    : List.of(new Tuple2<>(partition, of(sequences))).iterator();
        }

        private Gradients of(long[] sequences) throws InterruptedException {
            try (var lease = Engines.lease(place, TaskContext.get())) {
                var engine = lease.engine();
                return engine.call(() -> engine.attached(run, model -> new GradientWorker(model.model(), job.value(),
                        Slots.cores()))
                        .of(weights.value(), LongStream.of(sequences)));
            }
        }
    }

    @Override
    public Gradients of(List<GateParameters> weights, LongStream indices) {
        var sequences = indices.boxed().toList();
        var values = context.broadcast(PackedTensors.ofWeights(weights));
        try {
            int parts = Math.min(sequences.size(), context.defaultParallelism());
            var part = new Part(place, run, job, values);
            var sums = context.parallelize(sequences, parts).mapPartitionsWithIndex(part::of, true)
                    .mapToPair(each -> each);
            return added(gathered(sums, parts).collect());
        } catch (Exception e) { // Spark's are not declared
            throw Faults.ofJob(e);
        } finally {
            values.destroy();
        }
    }

    /// At most as many sums as are added in one place.
    private static JavaPairRDD<Integer, Gradients> gathered(JavaPairRDD<Integer, Gradients> sums, int count) {
        var level = sums;
        int left = count;
        while (left > BRANCHES) {
            left = Math.ceilDiv(left, BRANCHES);
            level = level.mapToPair(each -> new Tuple2<>(each._1() / BRANCHES, each)).groupByKey(left)
                    .mapValues(SparkGradients::added);
        }
        return level;
    }

    private static Gradients added(Iterable<Tuple2<Integer, Gradients>> sums) {
        var ordered = new ArrayList<Tuple2<Integer, Gradients>>();
        sums.forEach(ordered::add);
        ordered.sort(Comparator.comparing(Tuple2::_1));
        return ordered.stream().map(Tuple2::_2).reduce(Gradients::plus).orElseThrow();
    }

    @Override
    public void close() {
        job.destroy();
    }
}
