package seer.model;

import seer.model.attention.BlockMask;
import seer.model.backend.GatePools;
import seer.model.backend.Tensor;

/// A run that does as another one does, but for what is overridden: so that whoever stands in front of a run passes on
/// all that it wants and tells.
public abstract class ForwardingRun implements BlockSelector.Run {
    private final BlockSelector.Run run;

    protected ForwardingRun(BlockSelector.Run run) {
        this.run = run;
    }

    @Override
    public GatePools pools(int offset) {
        return run.pools(offset);
    }

    @Override
    public BlockMask select(LayerView view) {
        return run.select(view);
    }

    @Override
    public BlockMask step(LayerView view) {
        return run.step(view);
    }

    @Override
    public void correct(LayerView view, BlockMask mask, Tensor out, Tensor logSumExp) {
        run.correct(view, mask, out, logSumExp);
    }

    @Override
    public float[] scores(LayerView view, int head) {
        return run.scores(view, head);
    }
}
