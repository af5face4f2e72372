package seer.model;

import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.Tensor;

/// What one chunk of tokens needs while it passes through the layers: allocated once, used by all of them.
///
/// @param stream     `[T, C]` the residual stream
/// @param rawQueries `[H, T, D]` before rotation
/// @param rawKeys    `[G, T, D]` before rotation
/// @param values     `[G, T, D]`
/// @param queries    `[H, T, D]` after rotation
/// @param attention  `[T, H * D]` before the output projection
/// @param logSumExp  `[H, T]` of attention
record Activations(int rows, Tensor stream, Tensor rawQueries, Tensor rawKeys, Tensor values, Tensor queries,
                   Tensor attention, Tensor logSumExp) {

    static Activations allocate(Arena arena, ModelConfig c, int rows) {
        return new Activations(rows, arena.allocate(rows, c.width()),
                arena.activations(c.heads(), rows, c.headWidth()), arena.activations(c.groups(), rows, c.headWidth()),
                arena.activations(c.groups(), rows, c.headWidth()), arena.activations(c.heads(), rows, c.headWidth()),
                arena.activations(rows, c.heads() * c.headWidth()), arena.allocate(c.heads(), rows));
    }

    /// The same room with another stream, and with other places for what attention gives.
    Activations with(Tensor otherStream, Tensor otherAttention, Tensor otherLogSumExp) {
        return new Activations(rows, otherStream, rawQueries, rawKeys, values, queries, otherAttention,
                otherLogSumExp);
    }

    static long bytes(Backend backend, ModelConfig c, int rows) {
        return backend.bytes(rows, c.width()) + 2 * backend.bytes(c.groups(), rows, c.headWidth())
                + 3 * backend.bytes(c.heads(), rows, c.headWidth()) + backend.bytes(c.heads(), rows);
    }
}
