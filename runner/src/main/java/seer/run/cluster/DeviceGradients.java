package seer.run.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import seer.gate.train.GateParameters;
import seer.gate.train.GradientSource;
import seer.gate.train.Gradients;
import seer.gate.train.PackedTensors;
import seer.gate.train.TrainingPlan;

/// Gradients of a batch by several devices: each reads a run of its sequences, and the sums are added in the order of
/// the sequences.
final class DeviceGradients implements GradientSource {
    private final OrderDesk own;
    private final List<Companion> companions;
    private final TrainingPlan plan;
    private final ExecutorService threads;

    DeviceGradients(OrderDesk own, List<Companion> companions, TrainingJob job) {
        this.own = own;
        this.companions = companions;
        this.plan = job.plan();
        this.threads = Executors.newFixedThreadPool(companions.size() + 1,
                Thread.ofPlatform().daemon().name("seer device ", 1).factory());
        var order = new Order.Train(job);
        var begun = companions.stream().map(each -> threads.submit(() -> each.done(order))).toList();
        own.done(order);
        begun.forEach(DeviceGradients::result);
    }

    @Override
    public Gradients of(List<GateParameters> weights, LongStream indices) {
        var values = PackedTensors.ofWeights(weights);
        var runs = runs(indices.toArray(), companions.size() + 1, plan);
        var sums = new ArrayList<Future<Gradients>>();
        for (int i = 0; i < companions.size(); i++) {
            var companion = companions.get(i);
            if (runs.get(i + 1).length > 0) {
                var step = new Order.Step(values, runs.get(i + 1));
                sums.add(threads.submit((Callable<Gradients>) () -> (Gradients) companion.done(step)));
            }
        }
        // This process's own part is computed on the thread that opened its model.
        Gradients sum = runs.getFirst().length == 0 ? null
                : (Gradients) own.done(new Order.Step(values, runs.getFirst()));
        for (var other : sums) {
            sum = sum == null ? result(other) : sum.plus(result(other));
        }
        return sum;
    }

    /// Runs of sequences with about as many tokens each, some of them empty where there are few sequences.
    static List<long[]> runs(long[] sequences, int count, TrainingPlan plan) {
        long all = LongStream.of(sequences).map(plan::length).sum();
        var runs = new ArrayList<LongStream.Builder>();
        for (int i = 0; i < count; i++) {
            runs.add(LongStream.builder());
        }
        long before = 0;
        for (long sequence : sequences) {
            int length = plan.length(sequence);
            long middle = 2 * before + length; // in half tokens
            runs.get((int) (middle * count / (2 * all))).add(sequence);
            before += length;
        }
        return runs.stream().map(run -> run.build().toArray()).toList();
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices compute", e);
        } catch (ExecutionException e) {
            throw Rethrown.of(e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
