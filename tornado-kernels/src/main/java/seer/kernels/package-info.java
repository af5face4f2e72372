/// The operations of learned sparse attention, one file each, reference first.
///
/// Letters and layouts are the same in every file: `T` tokens, `H` query heads, `G` key/value heads (query head
/// `h` reads group `h / (H / G)`), `D` head width, `B` block edge, `N = ceil(T / B)` blocks, `E` gate width.
/// Arrays are row-major, written `q[H, T, D]`, outermost axis first.
///
/// `reference` methods are plain Java in double precision: slow, obvious, and the oracle that every faster
/// version is held against.
package seer.kernels;
