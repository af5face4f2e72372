package seer.warp;

/// What 32 lanes of a warp do together, in step: products of small matrices, loads of them, exchanges.
///
/// Every method here is **collective**: all 32 lanes of a warp call it, at the same place, or the result is undefined
/// (the simulator says so). Matrices are spread over the lanes' private arrays, which the compiler keeps in registers
/// as long as every index is a constant once loops are unrolled. Two bf16 share an `int`, the lower column in the
/// lower half. `g = lane / 4` and `t = lane % 4` are the coordinates of all pictures:
///
/// ```text
///   A, 16 x 16 of bf16, 4 ints a lane          B, 16 x 8 of bf16, 2 ints     C and D, 16 x 8 of fp32, 4 floats
///          columns 2t, 2t+1   8+2t, 8+2t+1            column g                     columns 2t    2t+1
///   row g      a[0]              a[2]          rows 2t, 2t+1      b[0]      row g       d[0]  d[1]
///   row g + 8  a[1]              a[3]          rows 8+2t, 8+2t+1  b[1]      row g + 8   d[2]  d[3]
/// ```
///
/// The bodies never run: TornadoVM's compiler and the simulator each put their own in the place of a call.
public final class Warp {
    /// Lanes of a warp.
    public static final int LANES = 32;

    private Warp() { }

    /// `d += a * b`: 16 x 16 by 16 x 8 (`mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32`, sm_80 on).
    ///
    /// @param d four floats from `di` on
    /// @param a four ints from `ai` on
    /// @param b two ints from `bi` on
    public static void multiplyAdd(float[] d, int di, int[] a, int ai, int[] b, int bi) {
        throw Kernels.only();
    }

    /// Four 8 x 8 matrices of bf16 from local memory (`ldmatrix.sync.aligned.m8n8.x4.shared.b16`, sm_75 on): lane `i`
    /// gives the address of row `i % 8` of matrix `i / 8`; lane `4 r + c` gets columns `2c, 2c + 1` of row `r` of each.
    ///
    /// @param at first int of a row of eight bf16, a multiple of 4
    /// @param to four ints from `ti` on, one for each matrix
    public static void load4(int[] local, int at, int[] to, int ti) {
        throw Kernels.only();
    }

    /// As [#load4], each matrix transposed on the way (`.trans`): lane `4 c + r` gets rows `2r, 2r + 1` of column `c`.
    public static void load4Transposed(int[] local, int at, int[] to, int ti) {
        throw Kernels.only();
    }

    /// The value of the lane whose number differs from one's own by `mask` (`shfl.sync.bfly.b32`).
    public static float exchange(float value, int mask) {
        throw Kernels.only();
    }

    /// As [#exchange], for an int.
    public static int exchangeInt(int value, int mask) {
        throw Kernels.only();
    }

    /// Which lanes raise a flag, one that is not 0: bit `i` is lane `i`'s (`vote.sync.ballot.b32`).
    public static int ballot(int flag) {
        throw Kernels.only();
    }

    /// Two floats rounded to bf16, ties to even, in one int (`cvt.rn.bf16x2.f32`, sm_80 on). Not collective.
    public static int pack(float low, float high) {
        throw Kernels.only();
    }

    /// The bf16 in the lower half, widened; exact. Not collective.
    public static float low(int packed) {
        throw Kernels.only();
    }

    /// The bf16 in the upper half, widened; exact. Not collective.
    public static float high(int packed) {
        throw Kernels.only();
    }

    /// Two to the power `x`, 2 ulp off at most, 0 where the result is not normal (`ex2.approx.ftz.f32`). Not
    /// collective.
    public static float exp2(float x) {
        throw Kernels.only();
    }

    /// One over `x`, 1 ulp off at most, 0 where the result is not normal (`rcp.approx.ftz.f32`). Not collective.
    public static float reciprocal(float x) {
        throw Kernels.only();
    }
}
