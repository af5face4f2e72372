package seer.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import seer.model.BlockSelector;
import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// Lets a selector choose in every layer of a dense prefill and compares its choice with the true attention.
abstract class DenseLook implements LayerObserver {
    private static final double MS = 1e-6;

    private final BlockSelector selector;
    private final Map<Integer, double[]> sums = new TreeMap<>(); // by layer, [heads]
    private final Map<Integer, long[]> counts = new TreeMap<>();
    private BlockSelector.Run run;
    private long kept;
    private long causal;
    private long selectionNanos;
    private long attentionNanos;

    DenseLook(BlockSelector selector) {
        this.selector = selector;
    }

    @Override
    public void layer(LayerView view, BlockMask dense, Tensor attention, Tensor logSumExp) {
        if (run == null) { // the first chunk is the longest
            run = selector.begin(new BlockSelector.Prompt(view.arena(), view.config(), view.total(), view.rows()));
        }
        long start = System.nanoTime();
        try (BlockMask mask = run.select(view)) {
            view.backend().await();
            selectionNanos += System.nanoTime() - start;
            kept += mask.kept();
            causal += mask.causal();
            compare(view, run, mask, attention, logSumExp);
        }
    }

    /// Compares one layer of one chunk; calls [#add].
    abstract void compare(LayerView view, BlockSelector.Run chosen, BlockMask mask, Tensor attention,
                          Tensor logSumExp);

    int block() {
        return selector.block();
    }

    String label() {
        return selector.label();
    }

    void attended(long nanos) {
        attentionNanos += nanos;
    }

    /// Adds the sum of `count` values of one head.
    void add(LayerView view, int head, double sum, long count) {
        int heads = view.config().heads();
        sums.computeIfAbsent(view.layer(), layer -> new double[heads])[head] += sum;
        counts.computeIfAbsent(view.layer(), layer -> new long[heads])[head] += count;
    }

    /// The mean over heads and layers, each head's own as a part. The times are the selector's; that of the whole
    /// prefill is not measured, as it was dense.
    Sample sample() {
        Map<String, Double> parts = new LinkedHashMap<>();
        sums.forEach((layer, heads) -> {
            for (int head = 0; head < heads.length; head++) {
                parts.put("layer " + layer + " head " + head, heads[head] / counts.get(layer)[head]);
            }
        });
        double mean = parts.values().stream().mapToDouble(value -> value).average().orElseThrow();
        return new Sample(mean, 1, (double) kept / causal, selectionNanos * MS,
                attentionNanos == 0 ? Double.NaN : attentionNanos * MS, Double.NaN,
                parts);
    }
}
