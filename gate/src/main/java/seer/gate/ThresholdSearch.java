package seer.gate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Finds the thresholds that give a wanted density: the share of causal blocks kept, the diagonal counted, the first
/// block where it is forced, and the last rows that are dense.
///
/// The probabilities of a text are collected, and the threshold is the one of them that exactly so many lie above.
/// Sparse layers change what later layers see, so it is found first on a dense pass and then again on sparse ones
/// with the threshold of the pass before; what counts is the density of a sparse pass.
///
/// @param thresholds one, one for each layer, or one for each head
/// @param density    that they gave on the text, in a sparse prefill
/// @param passes     prefills of the whole text that were needed
public record ThresholdSearch(GateThresholds thresholds, double density, int passes) {
    private static final int MOST_PASSES = 5;
    /// Relative error of the density that ends the search.
    private static final double CLOSE = 0.002;

    /// Where thresholds may differ.
    public enum Scope { MODEL, LAYER, HEAD }

    /// What thresholds are to reach.
    ///
    /// @param density    share of the causal blocks, all counted: what is kept anyway, and the correction
    /// @param keepFirst  whether every row keeps the first block
    /// @param correction of what the chosen blocks give, or null
    /// @param denseLastRows rows of blocks at the end that keep every block
    public record Goal(double density, boolean keepFirst, CorrectionSpec correction, int denseLastRows)
            implements Serializable {

        /// Without dense last rows.
        public Goal(double density, boolean keepFirst, CorrectionSpec correction) {
            this(density, keepFirst, correction, 0);
        }

        /// Without a correction.
        public Goal(double density, boolean keepFirst) {
            this(density, keepFirst, null);
        }

        /// The density that is left for blocks of so many tokens.
        double chosen(int block) {
            return density - fixed(block);
        }

        /// What the correction takes of it.
        public double fixed(int block) {
            return correction == null ? 0 : correction.share(block);
        }

        /// What is kept anyway while they are found.
        ForcedBlocks forced() {
            return new ForcedBlocks(denseLastRows, keepFirst);
        }

        /// Of one length.
        GateThresholds thresholds(List<Double> values) {
            return new GateThresholds(List.of(), values, keepFirst, correction);
        }

        /// Those of the heads, of which 32-bit numbers are below 1.
        ///
        /// @param logs of the thresholds, head by head
        public GateThresholds ofHeads(double[] logs) {
            return thresholds(Arrays.stream(logs).map(Math::exp).map(value -> Math.min(value, Math.nextDown(1f)))
                    .boxed().toList());
        }

        BlockSelector corrected(BlockSelector selector) {
            return correction == null ? selector : correction.on(selector, selector.label() + correction.text());
        }
    }

    /// Searches on windows of equal length.
    ///
    /// @throws IllegalArgumentException if the blocks that are kept anyway are more than the wanted density
    public static ThresholdSearch run(AttnGate gate, Session session, List<int[]> windows, Goal goal, Scope scope,
                                      DoubleConsumer progress) {
        double density = goal.density();
        int layers = gate.layers();
        List<SelectionRule> rules = Collections.nCopies(layers, new SelectionRule.TopBlocks(1));
        ThresholdSearch best = null;
        GateThresholds tried = null;
        for (int pass = 0; pass <= MOST_PASSES; pass++) {
            var collected = new ArrayList<List<float[]>>();
            for (int layer = 0; layer < layers; layer++) {
                collected.add(new ArrayList<>());
            }
            double reached = 0;
            for (int[] window : windows) {
                var selector = goal.corrected(new ProbedSelector(gate, rules, goal.forced(),
                        (layer, heads) -> collected.get(layer).addAll(Arrays.asList(heads))));
                reached += session.prefill(PrefillRequest.of(window, selector)).density() / windows.size();
            }
            if (tried != null && (best == null
                    || Math.abs(reached - density) < Math.abs(best.density() - density))) {
                best = new ThresholdSearch(tried, reached, pass + 1);
            }
            progress.accept((pass + 1.0) / (MOST_PASSES + 1));
            if (best != null && Math.abs(best.density() / density - 1) < CLOSE) {
                return best;
            }
            int blocks = Math.ceilDiv(windows.getFirst().length, gate.config().block());
            tried = thresholds(collected, collected.getFirst().size() / windows.size(), scope, goal,
                    new Wanted(goal.chosen(gate.config().block()), blocks, goal.forced()));
            rules = tried.rules(layers, gate.config().activation(), windows.getFirst().length);
        }
        return best;
    }

    /// @param collected `[layers][windows * heads]`
    private static GateThresholds thresholds(List<List<float[]>> collected, int heads, Scope scope, Goal goal,
                                             Wanted wanted) {
        var alike = switch (scope) { // what shares a threshold
            case MODEL -> List.of(collected.stream().flatMap(List::stream).toList());
            case LAYER -> collected;
            case HEAD -> collected.stream().flatMap(layer -> IntStream.range(0, heads).mapToObj(head ->
                    IntStream.range(0, layer.size() / heads).mapToObj(window -> layer.get(window * heads + head))
                            .toList())).toList();
        };
        return goal.thresholds(alike.stream().map(wanted::threshold).toList());
    }

    /// What the windows are to keep, `blocks` blocks long each.
    private record Wanted(double density, int blocks, ForcedBlocks forced) {

        /// The threshold that leaves as many blocks as the density asks for beside those that are kept anyway.
        ///
        /// @param heads probabilities of the other blocks, a head and window each, row by row
        double threshold(List<float[]> heads) {
            int dense = dense();
            long anyway = heads.size() * (blocks + (forced.keepFirst() ? blocks - 1L : 0) + dense);
            long causal = (long) heads.size() * blocks * (blocks + 1) / 2;
            long keep = Math.round(density * causal) - anyway;
            if (keep < 0) {
                throw new IllegalArgumentException("density is " + density + ", the diagonal" + beside()
                        + (double) anyway / causal + " of " + blocks + " blocks, wanted at least that");
            }
            float[] all = sorted(dense == 0 ? heads
                    : heads.stream().map(head -> Arrays.copyOf(head, head.length - dense)).toList());
            return keep >= all.length ? 0 : all[all.length - 1 - (int) keep];
        }

        /// Probabilities of a head that decide nothing, at the end of all: those of the dense last rows.
        private int dense() {
            int from = forced.keepFirst() ? 1 : 0;
            return IntStream.range(Math.max(0, blocks - forced.denseLastRows()), blocks)
                    .map(row -> Math.max(0, row - from)).sum();
        }

        private String beside() {
            String first = forced.keepFirst() ? "the first block" : "";
            int last = forced.denseLastRows();
            String rows = last == 0 ? "" : last == 1 ? "the last row" : "the last " + last + " rows";
            if (first.isEmpty() && rows.isEmpty()) {
                return " alone is ";
            }
            return (first.isEmpty() || rows.isEmpty() ? " and " + first + rows : ", " + first + " and " + rows)
                    + " are ";
        }
    }

    /// All probabilities, rising.
    static float[] sorted(List<float[]> heads) {
        var all = new float[Math.toIntExact(heads.stream().mapToLong(head -> head.length).sum())];
        int at = 0;
        for (float[] head : heads) {
            System.arraycopy(head, 0, all, at, head.length);
            at += head.length;
        }
        Arrays.parallelSort(all);
        return all;
    }
}
