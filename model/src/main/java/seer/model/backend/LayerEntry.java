package seer.model.backend;

/// One layer's way from the stream to attention: projections, norms of heads, rotation, the cache, and what a gate
/// wants of queries and keys before they are rotated.
///
/// @param x          `[T, C]`, the stream
/// @param rows       tokens
/// @param offset     position of the first one
/// @param norm       `[C]`
/// @param epsilon    of all norms
/// @param bias       of the projections, or null
/// @param queryNorm  `[D]`, of each head of the queries, or null; with `keyNorm`
/// @param rawQueries `[H, T, D]` out, normed but not rotated
/// @param rawKeys    `[G, T, D]` out, normed but not rotated
/// @param values     `[G, T, D]` out
/// @param queries    `[H, T, D]` out, rotated
/// @param cache      which gets keys and values
/// @param pools      what a gate wants, or null
public record LayerEntry(Tensor x, int rows, int offset, Tensor norm, double epsilon, Matrix qkv, Tensor bias,
                         Tensor queryNorm, Tensor keyNorm, Rotary rotary, Tensor rawQueries, Tensor rawKeys,
                         Tensor values, Tensor queries, KeyValueCache cache, GatePools pools) {

    /// By the operations of a backend one by one, which pool nothing.
    void stepByStep(Backend backend) {
        backend.project(x, rows, norm, epsilon, qkv, bias, rawQueries, rawKeys, values);
        if (queryNorm != null) {
            backend.normHeads(rawQueries, rows, queryNorm, epsilon);
            backend.normHeads(rawKeys, rows, keyNorm, epsilon);
        }
        backend.rotate(rawQueries, 0, rows, rotary, offset, 1, queries, 0);
        backend.append(rawKeys, values, rows, rotary, offset, cache);
    }
}
