package seer.model;

import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.GatePools;
import seer.model.backend.KeyValueCache;
import seer.model.backend.LayerEntry;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Rotary;
import seer.model.backend.TokenScores;

/// The forward pass: one chunk of tokens through all layers, on top of a cache that holds those before it.
///
/// ```text
/// tokens -> x[T, C]
///   per layer:  norm, project -> q, k, v ---- select(q, k) -> BlockMask
///                                | rotate, append                |
///                                +--> q, cache ----> attend <----+
///               x += output projection;  x += feed-forward
/// ```
final class Transformer {
    private final Backend backend;
    private final ModelConfig config;
    private final ModelWeights weights;

    Transformer(Backend backend, ModelConfig config, ModelWeights weights) {
        this.backend = backend;
        this.config = config;
        this.weights = weights;
    }

    ModelConfig config() {
        return config;
    }

    ModelWeights weights() {
        return weights;
    }

    Backend backend() {
        return backend;
    }

    /// Where one chunk stands in its prompt.
    ///
    /// @param wanted whether anybody asks for the last layer's output
    record Chunk(int[] tokens, int offset, int rows, boolean wanted) {
        int total() {
            return tokens.length;
        }
    }

    /// Reads a chunk; afterwards `a.stream()` holds the last layer's output, or its input where the output is not
    /// wanted: of a chunk that others follow, nothing but its keys and values is.
    ///
    /// @param arena of the prompt
    /// @param cache of every layer
    /// @throws NotFiniteException naming the layer, if blocks were to be chosen by scores that are not finite
    void prefill(Chunk chunk, Activations a, List<KeyValueCache> cache, Arena arena, BlockSelector.Run selection,
                 LayerObserver observer) {
        var rotary = config.rotary(chunk.total());
        backend.embed(weights.embedding(), chunk.tokens(), chunk.offset(), chunk.rows(), a.stream());
        for (int layer = 0; layer < config.layers(); layer++) {
            GatePools pools = selection.pools(chunk.offset());
            boolean pooled = project(layer, a, rotary, cache.get(layer), chunk.offset(), chunk.rows(), pools);
            var view = new LayerView(arena, config, layer, chunk.offset(), chunk.rows(), chunk.total(),
                    a.rawQueries(), a.rawKeys(), a.queries(), cache.get(layer), pooled);
            try {
                attend(view, chunk, a, selection, observer);
            } catch (NotFiniteException e) {
                throw e.within("layer " + layer);
            }
            if (chunk.wanted() || layer < config.layers() - 1) {
                finish(layer, a, chunk.rows());
            }
        }
    }

    private void attend(LayerView view, Chunk chunk, Activations a, BlockSelector.Run selection,
                        LayerObserver observer) {
        try (BlockMask mask = selection.select(view)) {
            backend.attend(a.queries(), chunk.rows(), chunk.offset(), view.cache(), mask, a.attention(),
                    a.logSumExp());
            selection.correct(view, mask, a.attention(), a.logSumExp());
            observer.layer(view, mask, a.attention(), a.logSumExp());
        }
    }

    /// Reads one token at `position`, attending to what the selection keeps of everything before it.
    ///
    /// @param prompt of the text, which the selection has its memory in
    /// @throws NotFiniteException naming the layer, if blocks were to be chosen by scores that are not finite
    void decode(int token, int position, Activations a, List<KeyValueCache> cache, Arena prompt,
                BlockSelector.Run selection) {
        var rotary = config.rotary(position + 1);
        backend.embed(weights.embedding(), new int[] {token}, 0, 1, a.stream());
        for (int layer = 0; layer < config.layers(); layer++) {
            project(layer, a, rotary, cache.get(layer), position, 1, null);
            var view = new LayerView(prompt, config, layer, position, 1, position + 1, a.rawQueries(), a.rawKeys(),
                    a.queries(), cache.get(layer), false);
            try (BlockMask mask = selection.step(view)) {
                backend.attendOne(a.queries(), position, cache.get(layer), mask, a.attention());
            } catch (NotFiniteException e) {
                throw e.within("layer " + layer);
            }
            finish(layer, a, 1);
        }
    }

    /// Logits of row `row` of the last layer's output.
    float[] logits(Activations a, int row) {
        return backend.logits(a.stream(), row, weights.finalNorm(), config.epsilon(), weights.head());
    }

    /// Scores the successors of the rows of the last layer's output.
    TokenScores score(Activations a, int rows, int[] targets) {
        return backend.score(a.stream(), rows, weights.finalNorm(), config.epsilon(), weights.head(), targets);
    }

    /// Raw and turned queries, raw keys, values, and keys and values in the cache.
    ///
    /// @param pools what a gate wants of raw queries and keys, or null
    /// @return whether it got it
    boolean project(int layer, Activations a, Rotary rotary, KeyValueCache cache, int offset, int rows,
                    GatePools pools) {
        LayerWeights w = weights.layers().get(layer);
        return backend.enter(new LayerEntry(a.stream(), rows, offset, w.attentionNorm(), config.epsilon(), w.qkv(),
                w.qkvBias(), w.queryNorm(), w.keyNorm(), rotary, a.rawQueries(), a.rawKeys(), a.values(), a.queries(),
                cache, pools));
    }

    /// The output projection and the feed-forward block.
    void finish(int layer, Activations a, int rows) {
        LayerWeights w = weights.layers().get(layer);
        backend.addProjected(a.attention(), rows, w.output(), a.stream());
        backend.feedForward(a.stream(), rows, w.feedForwardNorm(), config.epsilon(), w.gateUp(), w.down());
    }
}
