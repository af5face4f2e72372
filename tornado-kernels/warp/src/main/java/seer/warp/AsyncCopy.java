package seer.warp;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Copies of 16 bytes an item into local memory that go on in the background (`cp.async`, sm_80 on). Each item waits
/// for its own; a barrier must follow before other items read.
public final class AsyncCopy {
    private AsyncCopy() { }

    /// Copies four ints, past the first-level cache (`cp.async.cg.shared.global`).
    ///
    /// @param at   int of `local`, a multiple of 4
    /// @param from int of `source`, a multiple of 4
    public static void copy(int[] local, int at, IntArray source, int from) {
        throw Kernels.only();
    }

    /// Closes a batch of copies (`cp.async.commit_group`).
    public static void commit() {
        throw Kernels.only();
    }

    /// Waits until at most `batches`, a constant, of this item are under way (`cp.async.wait_group`).
    public static void await(int batches) {
        throw Kernels.only();
    }
}
