package seer.run.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import seer.model.backend.Backend;

/// Times several pieces of work in interleaved rounds (A B C A B C ...) and takes medians: a machine whose clock
/// drifts slows all of them alike, so their ratios stand.
///
/// Each piece of work warms up first, for a second at least: the Java around a launch takes some thousand runs until
/// the JVM has compiled it. What takes less than a fiftieth of a second is repeated for so long within its round, and
/// counts with the median: once, after a long piece, a launch takes some 0.2 ms more than it does in a row.
final class Contest {
    private static final long WARM_UP = 1_000_000_000; // nanoseconds
    private static final long SHORTEST = 20_000_000;

    private final Backend backend;
    private final Map<String, DoubleSupplier> entries = new LinkedHashMap<>();

    /// @param backend that does the work, and is waited for
    Contest(Backend backend) {
        this.backend = backend;
    }

    /// Adds work timed by the clock; its figure is seconds.
    void time(String name, Runnable work) {
        entries.put(name, () -> {
            var seconds = new ArrayList<Double>();
            long begin = System.nanoTime();
            long end = begin;
            while (end - begin < SHORTEST) {
                long start = end;
                work.run();
                backend.await();
                end = System.nanoTime();
                seconds.add((end - start) * 1e-9);
            }
            return median(seconds);
        });
    }

    /// Adds work that measures itself.
    void measure(String name, DoubleSupplier figure) {
        entries.put(name, figure);
    }

    /// Warms up, then runs `warmUp` rounds that do not count and `rounds` that do; returns the median figure of each
    /// entry.
    Map<String, Double> run(int warmUp, int rounds, DoubleConsumer progress) {
        for (DoubleSupplier entry : entries.values()) {
            long start = System.nanoTime();
            do {
                entry.getAsDouble();
            } while (System.nanoTime() - start < WARM_UP);
        }
        var figures = new LinkedHashMap<String, List<Double>>();
        for (int round = 0; round < warmUp + rounds; round++) {
            for (var entry : entries.entrySet()) {
                double figure = entry.getValue().getAsDouble();
                if (round >= warmUp) {
                    figures.computeIfAbsent(entry.getKey(), name -> new ArrayList<>()).add(figure);
                }
            }
            progress.accept((round + 1.0) / (warmUp + rounds));
        }
        var medians = new LinkedHashMap<String, Double>();
        figures.forEach((name, values) -> medians.put(name, median(values)));
        return medians;
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
