package seer.model;

import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.KeyValueCache;
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
    record Chunk(int[] tokens, int offset, int rows) {
        int total() {
            return tokens.length;
        }
    }

    /// Reads a chunk; afterwards `a.stream()` holds the last layer's output.
    ///
    /// @param arena of the prompt
    /// @param cache of every layer
    /// @throws NotFiniteException naming the layer, if blocks were to be chosen by scores that are not finite
    void prefill(Chunk chunk, Activations a, List<KeyValueCache> cache, Arena arena, BlockSelector.Run selection,
                 LayerObserver observer) {
        var rotary = config.rotary(chunk.total());
        backend.embed(weights.embedding(), chunk.tokens(), chunk.offset(), chunk.rows(), a.stream());
        for (int layer = 0; layer < config.layers(); layer++) {
            project(layer, a, rotary, cache.get(layer), chunk.offset(), chunk.rows());
            var view = new LayerView(arena, config, layer, chunk.offset(), chunk.rows(), chunk.total(),
                    a.rawQueries(), a.rawKeys(), a.queries(), cache.get(layer));
            try {
                attend(view, chunk, a, selection, observer);
            } catch (NotFiniteException e) {
                throw e.within("layer " + layer);
            }
            finish(layer, a, chunk.rows());
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
            project(layer, a, rotary, cache.get(layer), position, 1);
            var view = new LayerView(prompt, config, layer, position, 1, position + 1, a.rawQueries(), a.rawKeys(),
                    a.queries(), cache.get(layer));
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
    void project(int layer, Activations a, Rotary rotary, KeyValueCache cache, int offset, int rows) {
        LayerWeights w = weights.layers().get(layer);
        backend.project(a.stream(), rows, w.attentionNorm(), config.epsilon(), w.qkv(), w.qkvBias(),
                a.rawQueries(), a.rawKeys(), a.values());
        if (config.headNorm()) {
            backend.normHeads(a.rawQueries(), rows, w.queryNorm(), config.epsilon());
            backend.normHeads(a.rawKeys(), rows, w.keyNorm(), config.epsilon());
        }
        backend.rotate(a.rawQueries(), 0, rows, rotary, offset, 1, a.queries(), 0);
        backend.append(a.rawKeys(), a.values(), rows, rotary, offset, cache);
    }

    /// The output projection and the feed-forward block.
    void finish(int layer, Activations a, int rows) {
        LayerWeights w = weights.layers().get(layer);
        backend.addProjected(a.attention(), rows, w.output(), a.stream());
        backend.feedForward(a.stream(), rows, w.feedForwardNorm(), config.epsilon(), w.gateUp(), w.down());
    }
}
