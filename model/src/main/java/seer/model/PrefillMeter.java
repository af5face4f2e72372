package seer.model;

import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import seer.model.attention.BlockMask;
import seer.model.backend.TokenScores;

/// Counts what a prefill costs and keeps: time in attention and selection, blocks per layer, share done.
final class PrefillMeter {
    private final Stopwatch attention = new Stopwatch();
    private final Stopwatch selection = new Stopwatch();
    private final Stopwatch aside = new Stopwatch(); // observers and scoring: not part of reading the prompt
    private final long[] kept; // [layers]
    private final long[] causal; // [layers]
    private final DoubleConsumer progress;
    private final long started = System.nanoTime();
    private double workDone; // in tokens, summed over layers

    PrefillMeter(int layers, DoubleConsumer progress) {
        this.kept = new long[layers];
        this.causal = new long[layers];
        this.progress = progress;
    }

    void attention(Runnable work) {
        attention.time(work);
    }

    <T> T selection(Supplier<T> work) {
        return selection.time(work);
    }

    <T> T aside(Supplier<T> work) {
        return aside.time(work);
    }

    void observe(Runnable work) {
        aside.time(work);
    }

    void kept(int layer, BlockMask mask) {
        kept[layer] += mask.kept();
        causal[layer] += mask.causal();
    }

    void layerDone(Transformer.Chunk chunk) {
        workDone += chunk.rows();
        progress.accept(workDone / ((double) chunk.total() * kept.length));
    }

    PrefillReport report(PrefillRequest request, float[] logits, TokenScores scores) {
        var density = new double[kept.length];
        for (int layer = 0; layer < density.length; layer++) {
            density[layer] = (double) kept[layer] / causal[layer];
        }
        return new PrefillReport(request.tokens().length, request.selector().label(), density,
                System.nanoTime() - started - aside.nanos(), attention.nanos(), selection.nanos(), logits, scores);
    }
}
