/// The operations of learned sparse attention as kernels, one file each, reference first.
///
/// | package                    | what it computes                                                             |
/// |----------------------------|------------------------------------------------------------------------------|
/// | [seer.kernels.layer]       | the transformer around attention: products, norms, rotation, likelihoods     |
/// | [seer.kernels.attention]   | attention over lists of blocks, of one query, and the map that a gate learns |
/// | [seer.kernels.gate]        | which blocks: from queries and keys to lists                                 |
/// | here                       | [Move], which fills and copies; [MultiplyAdd], the yardstick                 |
///
/// **Letters and layouts** are the same in every file: `T` tokens, `H` query heads, `G` key/value heads (query head
/// `h` reads group `h / (H / G)`), `D` head width, `B` block edge, `N = ceil(T / B)` blocks, `E` gate width. Arrays are
/// row-major, written `q[H, T, D]`, outermost axis first.
///
/// **Blocks.** `B` queries in a row and `B` keys in a row are a block of the attention map, which is computed as a
/// whole or not at all. Block `(i, j)` holds queries `i * B ...` and keys `j * B ...`; it is causal if `j <= i`, and on
/// the diagonal (`j = i`) later keys are hidden one by one. The last block may be short.
///
/// **Items, groups.** A kernel runs once for each *item* of a grid. Items come in *groups* of a size that is a constant
/// of the kernel (`ITEMS`, `GROUP`), each item knows its place in the group (`localIdx`) and its group's in the grid
/// (`groupIdx`, `groupIdy`), and groups know nothing of each other.
///
/// **Local memory** is a group's own, some KiB at most (`LOCAL_BYTES`). An item sees what another one put there only
/// after a `localBarrier`, and what another one of its group put into global memory only after a `globalBarrier`; all
/// items of a group must come to the same barrier. What an item keeps for itself, in variables and small private
/// arrays, becomes registers if all indices are known to the compiler, and has no value before it is given one.
///
/// **`p`** is an `IntArray` of what changes from call to call: lengths, and where in the shared buffers things begin.
/// (Primitive arguments of a kernel, such as `H` and `B`, become constants of the compiled code.) Its places have names
/// (`P_ROWS`) where a kernel has more than five, else they are listed at the method. Floats come in `f`, likewise.
///
/// `reference` methods are plain Java in double precision: slow, obvious, and the oracle that every faster version, a
/// *rung*, is held against.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.kernels;
