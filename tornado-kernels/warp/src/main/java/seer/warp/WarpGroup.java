package seer.warp;

/// What 128 items, four neighbouring warps that begin at a multiple of four, do together: the asynchronous tensor-core
/// products of Hopper (`wgmma`, sm_90a).
///
/// Collective over all 128 items. The first factor stands in registers or local memory, the second in local memory, the
/// sum in registers; the tensor cores work while the items go on:
///
/// ```text
///   open()  product(...)  product(...)  commit()  ... other work ...  await(0)   sums may be read
/// ```
/// Between `open` and `await` nobody touches the registers of sum and first factor, nor the tiles in local memory.
///
/// **Sum**: 64 rows, `columns` columns, `columns / 2` floats an item: item `i` has rows `r = 16 (i / 32) + (i % 32) /
/// 4` and `r + 8`; `d[4 c] d[4 c + 1]` are columns `8 c + 2 (i % 4)` and the next of row `r`, `d[4 c + 2] d[4 c + 3]`
/// of row `r + 8`. **First factor in registers**: 64 x 16 bf16, each warp's 16 rows as `a` of [Warp#multiplyAdd].
///
/// **Tiles in local memory** are 64 columns (128 bytes) wide and swizzled: the 16-byte chunk `c` of row `r` stands at
/// chunk `c ^ (r % 8)`. A tile begins at a multiple of 1,024 bytes, and the local array must be the kernel's only one.
public final class WarpGroup {
    /// Items that work together.
    public static final int ITEMS = 128;

    private WarpGroup() { }

    /// Orders the registers' earlier use before the products that follow (`wgmma.fence.sync.aligned`).
    public static void open() {
        throw Kernels.only();
    }

    /// Leaves four ints of a first factor as they are: `a ^ zero`, where `zero` is 0 but no compiler can know. Wanted
    /// before [#open] in a loop that never changes them: NVIDIA's assembler (13.0) otherwise may give their registers
    /// to another first factor of the loop.
    public static void renew(int[] a, int ai, int zero) {
        throw Kernels.only();
    }

    /// Closes a batch of products (`wgmma.commit_group.sync.aligned`).
    public static void commit() {
        throw Kernels.only();
    }

    /// Waits until at most `batches`, a constant, are under way (`wgmma.wait_group.sync.aligned`).
    public static void await(int batches) {
        throw Kernels.only();
    }

    /// `d = keep * d + a * b`: 64 x 16 in registers by 16 x `columns` (`wgmma.mma_async...m64nNk16.f32.bf16.bf16`).
    ///
    /// `b` is stored by its columns, each a row of the tile that holds its 16 numbers side by side (keys in `Q K^T`,
    /// outputs of a weight matrix), or, `transposed`, by its rows (keys in `P V`).
    ///
    /// @param di      first of `columns / 2` floats, a constant
    /// @param columns 64, 128, 192 or 256, a constant
    /// @param keep    0: the product alone, otherwise added
    /// @param ai      first of four ints, a constant
    /// @param b       int of `local` at which the 16 x `columns` factor begins
    /// @param transposed 0 or 1, a constant
    /// @param leading `transposed`: bytes from 64 columns to the next 64, a constant; otherwise 0
    public static void product(float[] d, int di, int columns, int keep, int[] a, int ai, int[] local, int b,
                               int transposed, int leading) {
        throw Kernels.only();
    }

    /// As [#product], the first factor in local memory too: 64 rows of a tile, 16 of its columns from int `a` on.
    public static void productLocal(float[] d, int di, int columns, int keep, int[] local, int a, int b, int transposed,
                                    int leading) {
        throw Kernels.only();
    }
}
