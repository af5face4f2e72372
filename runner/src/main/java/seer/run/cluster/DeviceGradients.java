package seer.run.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import seer.gate.train.GateParameters;
import seer.gate.train.GradientSource;
import seer.gate.train.Gradients;
import seer.gate.train.PackedTensors;
import seer.gate.train.Phase;
import seer.gate.train.TrainingPlan;

/// Gradients of a batch by several devices: each reads a run of its sequences, and the sums are added in the order of
/// the sequences.
final class DeviceGradients implements GradientSource {
    private final Member<Integer> own; // a piece is a step's part of so many sequences
    private final List<Member<Integer>> others;
    private final TrainingPlan plan;
    private final ExecutorService threads;

    DeviceGradients(OrderDesk own, List<Companion> companions, TrainingJob job) {
        this.plan = job.plan();
        this.threads = Executors.newFixedThreadPool(companions.size() + 1,
                Thread.ofPlatform().daemon().name("seer device ", 1).factory());
        var order = new Order.Train(job);
        var begun = companions.stream().map(each -> threads.submit(() -> each.done(order))).toList();
        own.done(order);
        begun.forEach(DeviceGradients::result);
        this.own = new Member.Own<>(own, Integer::intValue);
        this.others = companions.stream()
                .map(each -> (Member<Integer>) new Member.Other<Integer>(each, Integer::intValue)).toList();
    }

    /// What each device did; a piece is its part of a step.
    List<Shift> shifts() {
        return Stream.concat(Stream.of(own), others.stream()).map(Member::shift).toList();
    }

    @Override
    public Gradients of(List<GateParameters> weights, LongStream indices) {
        var phase = Phase.begin();
        var values = PackedTensors.ofWeights(weights);
        var runs = runs(indices.toArray(), others.size() + 1, plan);
        phase.end("weights packed", runs.getFirst());
        var sums = new ArrayList<Future<Gradients>>();
        for (int i = 0; i < others.size(); i++) {
            var other = others.get(i);
            long[] run = runs.get(i + 1);
            if (run.length > 0) {
                other.ask(run.length, new Order.Step(values, run));
                sums.add(threads.submit((Callable<Gradients>) () -> (Gradients) other.answered()));
            }
        }
        // This process's own part is computed on the thread that opened its model.
        Gradients sum = null;
        if (runs.getFirst().length > 0) {
            own.ask(runs.getFirst().length, new Order.Step(values, runs.getFirst()));
            sum = (Gradients) own.answered();
        }
        phase.end("own part", runs.getFirst());
        for (var other : sums) {
            var next = result(other);
            phase.end("another's part awaited");
            sum = sum == null ? next : sum.plus(next);
            phase.end("gradients added");
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
