package seer.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.NotFiniteException;
import seer.model.backend.TokenScores;

/// Counts what a prefill costs and keeps: time in attention and selection, blocks per layer, share done.
final class PrefillMeter {
    private final Stopwatch attention = new Stopwatch();
    private final Stopwatch selection = new Stopwatch();
    private final Stopwatch aside = new Stopwatch(); // observers and scoring: not part of reading the prompt
    private final Backend backend;
    private final int layers;
    private final List<BlockMask> masks = new ArrayList<>(); // chunk by chunk, layer by layer; closed by now
    private final DoubleConsumer progress;
    private final long started = System.nanoTime();
    private double workDone; // in tokens, summed over layers

    PrefillMeter(Backend backend, int layers, DoubleConsumer progress) {
        this.backend = backend;
        this.layers = layers;
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

    /// Notes the mask of the next layer; its blocks are counted in the report, all masks' together.
    void kept(BlockMask mask) {
        masks.add(mask);
    }

    void layerDone(Transformer.Chunk chunk) {
        workDone += chunk.rows();
        progress.accept(workDone / ((double) chunk.total() * layers));
    }

    PrefillReport report(PrefillRequest request, float[] logits, TokenScores scores) {
        long[] counts = counted();
        var kept = new long[layers];
        var causal = new long[layers];
        for (int i = 0; i < counts.length; i++) {
            kept[i % layers] += counts[i];
            causal[i % layers] += masks.get(i).causal();
        }
        var density = new double[layers];
        Arrays.setAll(density, layer -> (double) kept[layer] / causal[layer]);
        return new PrefillReport(request.tokens().length, request.selector().label(), density,
                System.nanoTime() - started - aside.nanos(), attention.nanos(), selection.nanos(), logits, scores);
    }

    /// Blocks of all masks; where the scores of one were not finite, the layer is named.
    private long[] counted() {
        try {
            return backend.kept(masks);
        } catch (NotFiniteException e) {
            for (int i = 0; i < masks.size(); i++) {
                try {
                    masks.get(i).kept();
                } catch (NotFiniteException broken) {
                    throw broken.within("layer " + i % layers);
                }
            }
            throw e;
        }
    }
}
