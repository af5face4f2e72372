package seer.model.backend;

import java.util.List;
import seer.model.attention.Pooling;

/// What a gate wants of the raw queries and keys of a chunk: each block of them as one vector, poolings side by side.
///
/// @param block   tokens of a block
/// @param queries `[H, n, poolings * D]` out, from row 0 on
/// @param keys    `[G, n, poolings * D]` out, from row `at` on
public record GatePools(int block, List<Pooling> queryPoolings, Tensor queries, List<Pooling> keyPoolings, Tensor keys,
                        int at) { }
