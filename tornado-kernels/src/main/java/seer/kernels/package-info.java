/// The operations of learned sparse attention, one file each, reference first.
///
/// A block is `B` queries or keys that follow each other; a block of the attention map, `B` queries by `B` keys, is
/// computed as a whole or not at all. A kernel runs once for each item of a grid; items come in groups that share local
/// memory and wait for each other at barriers.
///
/// Letters and layouts are the same in every file: `T` tokens, `H` query heads, `G` key/value heads (query head
/// `h` reads group `h / (H / G)`), `D` head width, `B` block edge, `N = ceil(T / B)` blocks, `E` gate width.
/// Arrays are row-major, written `q[H, T, D]`, outermost axis first.
///
/// Numbers that change between two runs of a compiled kernel (lengths, offsets, strides) come in `IntArray p`, floats
/// in `FloatArray f`: TornadoVM makes constants of primitive arguments. Each file says what stands where in `p`, by
/// names such as `P_ROWS` or in a table.
///
/// `reference` methods are plain Java in double precision: slow, obvious, and the oracle that every faster
/// version is held against.
package seer.kernels;
