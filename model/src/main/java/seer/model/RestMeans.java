package seer.model;

import seer.model.backend.KeyValueCache;

/// A selector whose rows also see what it leaves out, block by block: each block before the row's own that is not
/// chosen counts as one key, the mean of its keys, with the mean of its values, as often as it has tokens.
///
/// ```text
///   key blocks        0    1    2    3    4 = the row's own
///   chosen                 ██             ◣◣      token by token
///   the rest          m0        m2   m3           e^(q.k) of a mean of keys, times the block's tokens
/// ```
/// By convexity such a sum is never larger than the true one, so that the rest may weigh too little, but not too much.
///
/// @param selector which chooses the blocks
/// @param label    of both together
public record RestMeans(BlockSelector selector, String label) implements CorrectedSelector {

    @Override
    public double correction() {
        return 1.0 / block();
    }

    @Override
    public int stretch() {
        return block();
    }

    @Override
    public Correction correct(Prompt prompt) {
        int block = block();
        var config = prompt.config();
        var means = new KeyValueCache[prompt.chunk() < prompt.total() ? config.layers() : 1]; // one chunk: none is kept
        return (view, mask, out, logSumExp) -> {
            var backend = prompt.backend();
            int layer = view.layer() % means.length;
            if (means[layer] == null) {
                means[layer] = prompt.arena().cache(config.groups(), Math.ceilDiv(prompt.total(), block),
                        config.headWidth());
            }
            KeyValueCache own = means[layer];
            int first = view.offset() / block;
            backend.averageBlocks(view.cache(), first, (view.offset() + view.rows()) / block - first, block, own);
            backend.attendRest(view.queries(), view.rows(), view.offset(), own, mask, out, logSumExp);
        };
    }
}
