package seer.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.backend.Laps;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;

/// Counts what a prefill costs and keeps: time in attention and selection, blocks per layer, share done.
///
/// It stands in front of the prompt's run and observer, between which a layer attends: so the forward pass knows of no
/// meter.
final class PrefillMeter extends ForwardingRun implements LayerObserver, AutoCloseable {
    private static final int REST = 0;
    private static final int SELECTION = 1;
    private static final int ATTENTION = 2;

    private final PrefillRequest request;
    private final Backend backend;
    private final Laps laps;
    private final Stopwatch aside = new Stopwatch(); // observers and scoring: not part of reading the prompt
    private final int layers;
    private final List<BlockMask> masks = new ArrayList<>(); // chunk by chunk, layer by layer; closed by now
    private final long started;
    private double workDone; // in tokens, summed over layers

    /// @param backend that reads, and counts the masks, all together
    /// @param started when the prompt's time began
    PrefillMeter(Backend backend, PrefillRequest request, BlockSelector.Run run, int layers, long started) {
        super(run);
        this.backend = backend;
        this.laps = backend.laps(ATTENTION + 1);
        this.request = request;
        this.layers = layers;
        this.started = started;
    }

    @Override
    public BlockMask select(LayerView view) {
        laps.lap(REST);
        BlockMask mask = super.select(view);
        laps.lap(SELECTION);
        return mask;
    }

    @Override
    public void layer(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) {
        laps.lap(ATTENTION);
        masks.add(mask);
        if (request.observer() != LayerObserver.NONE) {
            aside(() -> request.observer().layer(view, mask, out, logSumExp));
        }
        workDone += view.rows();
        request.progress().accept(workDone / ((double) view.total() * layers));
    }

    /// Work that is not part of reading the prompt.
    void aside(Runnable work) {
        backend.await(); // for what is part of it
        aside.time(() -> {
            work.run();
            backend.await();
        });
        laps.lap(REST);
    }

    /// @param cache how keys and values were kept
    PrefillReport report(ElementType cache, float[] logits, TokenScores scores) {
        long[] counts = counted();
        var kept = new long[layers];
        var causal = new long[layers];
        for (int i = 0; i < counts.length; i++) {
            kept[i % layers] += counts[i];
            causal[i % layers] += masks.get(i).causal();
        }
        var density = new double[layers];
        double correction = request.selector().correction();
        Arrays.setAll(density, layer -> Math.min(1, (double) kept[layer] / causal[layer] + correction));
        long total = System.nanoTime() - started - aside.nanos();
        long[] parts = laps.nanos();
        return new PrefillReport(request.tokens().length, request.selector().label(), density, cache, total,
                parts[ATTENTION], parts[SELECTION], logits, scores);
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

    @Override
    public void close() {
        laps.close();
    }
}
