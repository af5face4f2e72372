/// Other ways of choosing the blocks of the attention map, behind the interface that the gate has, for comparison.
///
/// `i` is a block of queries, `j <= i` a block of keys, `q` and `k` vectors after the rotation, `D` the head width, `n`
/// the blocks of the prompt, `top(k)` the largest `k` of a row with `k = max(1, floor((1 - sqrt(1 - density)) * n))`,
/// ties to the lower index. The diagonal and what [seer.model.attention.ForcedBlocks] forces is added to all of them.
///
/// What each of them keeps, from which paper, and where it differs stands in the comment of its class, and side by side
/// in docs/experiments.md, section Rivals. [Rival] lists them.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.gate.rival;
