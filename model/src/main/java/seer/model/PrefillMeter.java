package seer.model;

import java.util.function.DoubleConsumer;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;

/// Counts what a prefill costs and keeps: time in attention and selection, blocks per layer, share done.
///
/// It stands in front of the prompt's run and observer, between which a layer attends: so the forward pass knows of no
/// meter.
final class PrefillMeter implements BlockSelector.Run, LayerObserver {
    private final PrefillRequest request;
    private final BlockSelector.Run run;
    private final Stopwatch selection = new Stopwatch();
    private final Stopwatch aside = new Stopwatch(); // observers and scoring: not part of reading the prompt
    private final long[] kept; // [layers]
    private final long[] causal; // [layers]
    private final long started;
    private long attention; // nanoseconds
    private long selected; // when the layer's blocks were chosen
    private double workDone; // in tokens, summed over layers

    /// @param started when the prompt's time began
    PrefillMeter(PrefillRequest request, BlockSelector.Run run, int layers, long started) {
        this.request = request;
        this.run = run;
        this.kept = new long[layers];
        this.causal = new long[layers];
        this.started = started;
    }

    @Override
    public BlockMask select(LayerView view) {
        BlockMask mask = selection.time(() -> run.select(view));
        selected = System.nanoTime();
        return mask;
    }

    @Override
    public float[] scores(LayerView view, int head) {
        return run.scores(view, head);
    }

    @Override
    public void layer(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) {
        attention += System.nanoTime() - selected;
        kept[view.layer()] += mask.kept();
        causal[view.layer()] += mask.causal();
        aside.time(() -> request.observer().layer(view, mask, out, logSumExp));
        workDone += view.rows();
        request.progress().accept(workDone / ((double) view.total() * kept.length));
    }

    /// Work that is not part of reading the prompt.
    void aside(Runnable work) {
        aside.time(work);
    }

    PrefillReport report(float[] logits, TokenScores scores) {
        var density = new double[kept.length];
        for (int layer = 0; layer < density.length; layer++) {
            density[layer] = (double) kept[layer] / causal[layer];
        }
        return new PrefillReport(request.tokens().length, request.selector().label(), density,
                System.nanoTime() - started - aside.nanos(), attention, selection.nanos(), logits, scores);
    }
}
