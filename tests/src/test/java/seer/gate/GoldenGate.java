package seer.gate;

import java.util.List;
import java.util.Collections;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.support.Demo;

/// The golden file's random gate on one layer; the layers before it are dense, as in the golden forward.
public final class GoldenGate implements BlockSelector {
    public static final int BLOCK = 64;
    private static final int WIDTH = 64;

    private final int layer;
    private final double threshold;
    private float[] scores; // [H, n, n]

    public GoldenGate(int layer, double threshold) {
        this.layer = layer;
        this.threshold = threshold;
    }

    /// Raw scores of the layer, negative infinity above the diagonal.
    public float[] scores() {
        return scores;
    }

    @Override
    public String label() {
        return "golden gate";
    }

    @Override
    public int block() {
        return BLOCK;
    }

    @Override
    public Run begin(Prompt prompt) {
        var model = prompt.config();
        var weights = prompt.arena().upload(Demo.golden("gate_weight"), model.heads(), 3 * model.headWidth(), WIDTH);
        var config = new GateConfig("golden", null, BLOCK, WIDTH, List.of(Pooling.AVG),
                List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG), GateActivation.SOFTMAX);
        var gate = new AttnGate(prompt.arena(), config,
                Collections.nCopies(model.layers(), new GateLayer(weights, null)), 1, 1);
        var run = new GateRun(gate, new SelectionRule.Threshold((float) threshold, GateActivation.SOFTMAX),
                ForcedBlocks.NONE, prompt);
        var dense = BlockSelector.dense().begin(prompt);
        return view -> view.layer() == layer ? observe(run, view) : dense.select(view);
    }

    private BlockMask observe(GateRun run, LayerView view) {
        var mask = run.select(view);
        int n = view.blocks(BLOCK);
        scores = new float[view.config().heads() * n * n];
        for (int head = 0; head < view.config().heads(); head++) {
            System.arraycopy(run.scores(view, head), 0, scores, head * n * n, n * n);
        }
        return mask;
    }
}
