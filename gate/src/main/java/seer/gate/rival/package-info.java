/// Other ways of choosing the blocks of the attention map, behind the interface that the gate has, for comparison.
///
/// `i` is a block of queries, `j <= i` a block of keys, `q` and `k` vectors after the rotation, `D` the head width, `n`
/// the blocks of the prompt, `top(k)` the largest `k` of a row with `k = max(1, floor((1 - sqrt(1 - density)) * n))`,
/// ties to the lower index. The diagonal and what [seer.model.attention.ForcedBlocks] forces is added to all of them.
///
/// - `ashape`: block 0 and `i - max(2, k) + 2 .. i` (StreamingLLM, arXiv 2309.17453, section 3.2).
/// - `verticalslash`: key blocks and block diagonals of the largest column sums and distance sums of the last 64
///   queries' attention, by tokens, until `k` per row are spent (MInference, arXiv 2407.02490, section 3.2).
/// - `meanpool`: top(k) of `dot(mean q of i, mean k of j)` (MoBA, arXiv 2502.13189, section 2.2).
/// - `minmax`: top(k) of `sum_d max(q_d * max k_d, q_d * min k_d)`, `q` the mean of `i` (Quest, arXiv 2406.10774,
///   section 3.3).
/// - `antidiagonal`: top(k), or the fewest that hold the share `mass`, of the sum over groups of 16 tokens `a` in `i`,
///   `b` in `j` of `softmax_b(sum_s dot(q[16a + 15 - s], k[16b + s]) / (16 sqrt(D)))` (XAttention, arXiv 2503.16428,
///   section 2).
/// - `flex`: if `sqrt(JS(softmax(mean q . mean k), block sums of the attention of the last 64 queries)) < 0.1` the
///   fewest blocks of the whole map `softmax_j(mean q of i . mean k of j / sqrt(D))` that hold the share `mass`, else
///   the fewest verticals and the fewest slashes that do (FlexPrefill, arXiv 2502.20766, section 3); by density, the
///   mass that spends `k` per row.
/// - `random`: any `k`.
/// - `oracle`: top(k) of `max over queries of i and keys of j of softmax(q k / sqrt(D))`, or those above `threshold`
///   once the row sums to 1 (SeerAttention's target, arXiv 2410.13276, section 3.2).
package seer.gate.rival;
