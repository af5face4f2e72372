package seer.model.backend;

import java.util.List;
import seer.model.attention.Pooling;

/// One side of a gate, queries or keys: from the raw vectors of a chunk to the vectors that are scored.
///
/// @param raw      `[G, T, D]` before rotation, read from row 0 on; not read where `pooled` is ready
/// @param poolings how a block becomes one vector, side by side in this order
/// @param weights  `[H, poolings * D, E]`, or null: the pooled vectors are not projected, and `H` is `G`
/// @param pooled   `[G, n, poolings * D]` room for the steps between; what stands there afterwards is not defined
/// @param ready    whether the chunk's blocks are pooled there already, by [Backend#enter]
/// @param vectors  `[H, n, E]` out, projected and rotated; without weights this may be `pooled`, and has to be if
///                 nothing is rotated either
/// @param at       row of `vectors` and `pooled` where the chunk's first block goes
public record GateSide(Tensor raw, List<Pooling> poolings, Tensor weights, Tensor pooled, boolean ready,
                       Tensor vectors, int at) { }
