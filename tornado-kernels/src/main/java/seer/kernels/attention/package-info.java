/// Attention over lists of key blocks, and what belongs to it.
///
/// | file                          | what it computes                                                        |
/// |-------------------------------|-------------------------------------------------------------------------|
/// | [BlockSparseAttention]        | the reference, and `naive`: one item per query, online softmax          |
/// | [BlockSparseAttentionBlocked] | `blocked`: a block of keys is fetched once for a block of queries       |
/// | [BlockSparseAttentionTiled]   | `tiled`: both products as register tiles, slices through local memory   |
/// | [BlockSparseAttentionMma]     | on tensor cores from Ampere on, in bf16                                 |
/// | [BlockSparseAttentionWgmma]   | on those of Hopper                                                      |
/// | [OneQueryTiles]               | one query over keys in tiles of bf16                                    |
/// | [OneQueryAttention]           | dense attention of a single query, the keys split among groups          |
/// | [PooledAttention]             | the largest probability inside each block, from which a gate learns     |
/// | [BlockSparseAttentionBackward]| the gradient, over the rows' lists and over the columns'               |
/// | [BlockSparseAttentionBackwardMma] | the same on tensor cores from Ampere on                             |
/// | [TransposedLists]             | the columns' lists, and their parts                                     |
/// | [KeySlopes]                   | sums of those parts become derivatives by keys and values               |
/// | [BlockLists]                  | the lists of dense attention                                            |
///
/// Letters, layouts and `p` are those of [seer.kernels].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.kernels.attention;
