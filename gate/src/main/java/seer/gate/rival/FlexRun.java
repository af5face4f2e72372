package seer.gate.rival;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.Pooling;
import seer.model.backend.Tensor;

/// One prompt passing through [FlexSelector]: keeps the pooled keys of earlier chunks.
final class FlexRun implements BlockSelector.Run {
    /// Halvings of the mass when it is searched for: finer than one block in a map of a million.
    private static final int STEPS = 24;

    private final FlexSelector flex;
    private final LastQueries last;
    private final List<Tensor> keys; // [layers] of [G, n, D]
    private final Tensor queries; // [H, blocks of a chunk, D]
    private final Tensor mean; // [H, 1, D] of the last queries

    FlexRun(FlexSelector flex, BlockSelector.Prompt prompt) {
        this.flex = flex;
        this.last = LastQueries.of(prompt, VerticalSlashSelector.QUERIES);
        var config = prompt.config();
        var arena = prompt.arena();
        int blocks = Math.ceilDiv(prompt.total(), flex.block());
        keys = Stream.generate(() -> arena.allocate(config.groups(), blocks, config.headWidth()))
                .limit(config.layers()).toList();
        queries = arena.allocate(config.heads(), Math.min(blocks, Math.ceilDiv(prompt.chunk(), flex.block())),
                config.headWidth());
        mean = arena.allocate(config.heads(), 1, config.headWidth());
    }

    @Override
    public BlockMask select(LayerView view) {
        pool(view);
        float[][] attention = last.probabilities(view);
        int heads = attention.length;
        var means = new float[heads][];
        var estimates = new float[heads][];
        int first = view.firstBlock(flex.block());
        int rows = view.blocks(flex.block());
        double scale = 1 / Math.sqrt(view.config().headWidth());
        for (int head = 0; head < heads; head++) {
            means[head] = view.backend().blockScores(queries, keys.get(view.layer()), head, first, rows, scale);
            estimates[head] = view.backend().blockScores(mean, keys.get(view.layer()), head, first + rows - 1, 1,
                    scale);
        }
        var patterns = new MassPattern[heads];
        IntStream.range(0, heads).parallel().forEach(head ->
                patterns[head] = pattern(view, attention[head], means[head], estimates[head]));
        MassPattern.Choice[] chosen = chosen(patterns, view);
        return HostMask.of(view, flex.block(), flex.forced(), (head, row, kept) -> chosen[head].mark(row, kept));
    }

    private void pool(LayerView view) {
        var backend = view.backend();
        int block = flex.block();
        int rows = last.rows(view);
        var average = List.of(Pooling.AVG);
        backend.pool(view.cache().keys(), view.offset(), view.rows(), block, average, keys.get(view.layer()),
                view.firstBlock(block));
        backend.pool(view.queries(), 0, view.rows(), block, average, queries, 0);
        backend.pool(view.queries(), view.rows() - rows, rows, rows, average, mean, 0);
    }

    /// The test and what it decides for one head.
    private MassPattern pattern(LayerView view, float[] attention, float[] means, float[] estimate) {
        int block = flex.block();
        int keys = view.offset() + view.rows();
        var blocks = new float[estimate.length];
        int rows = last.rows(view);
        for (int i = 0; i < attention.length; i++) {
            blocks[i % keys / block] += attention[i] / rows;
        }
        Softmax.inPlace(estimate, 0, estimate.length);
        if (Math.sqrt(divergence(estimate, blocks)) >= FlexSelector.TAU) {
            return MassPattern.VerticalSlash.of(view, block, LineScores.of(attention, rows, keys));
        }
        int first = view.firstBlock(block);
        int columns = first + view.blocks(block);
        for (int row = 0; row < columns - first; row++) {
            Softmax.inPlace(means, row * columns, first + row + 1);
        }
        return MassPattern.Flattened.of(means, first, columns - first);
    }

    /// Jensen-Shannon divergence in nats.
    static double divergence(float[] p, float[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            double middle = (p[i] + (double) q[i]) / 2;
            sum += (p[i] > 0 ? p[i] * Math.log(p[i] / middle) : 0) + (q[i] > 0 ? q[i] * Math.log(q[i] / middle) : 0);
        }
        return Math.max(0, sum / 2);
    }

    private MassPattern.Choice[] chosen(MassPattern[] patterns, LayerView view) {
        if (flex.density() == null) {
            return choose(patterns, flex.mass());
        }
        long limit = patterns.length * VerticalSlashSelector.limit(flex.density(), view, flex.block());
        double low = 0;
        double high = 1;
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            long kept = Arrays.stream(choose(patterns, middle)).mapToLong(MassPattern.Choice::kept).sum();
            if (kept <= limit) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return choose(patterns, low);
    }

    private static MassPattern.Choice[] choose(MassPattern[] patterns, double mass) {
        return Arrays.stream(patterns).parallel().map(pattern -> pattern.holding(mass))
                .toArray(MassPattern.Choice[]::new);
    }
}
