package seer.warp;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Copies of whole tiles into local memory by the copy engine (`cp.async.bulk`, sm_90), and the barriers in local
/// memory that tell when they have come and when their place is free again (`mbarrier`).
///
/// A barrier is two ints of the local array, at an even index. It has **phases**: phase 0 is over once all expected
/// arrivals have come and all expected bytes have landed, then phase 1 begins, and so on; who waits names the parity of
/// the phase. None of these is collective: one item asks for a copy, any number wait.
public final class BulkCopy {
    private BulkCopy() { }

    /// Makes a barrier whose phases each want `arrivals`; a group's barrier must follow before others use it
    /// (`mbarrier.init`, `fence.mbarrier_init`).
    public static void barrier(int[] local, int at, int arrivals) {
        throw Kernels.only();
    }

    /// One arrival that announces `bytes` to come (`mbarrier.arrive.expect_tx`).
    public static void expect(int[] local, int at, int bytes) {
        throw Kernels.only();
    }

    /// Copies `bytes`, a multiple of 16, and reports them to the barrier (`cp.async.bulk.shared::cluster.global`).
    ///
    /// @param at   the barrier
    /// @param to   int of `local`, a multiple of 4
    /// @param from int of `source`, a multiple of 4
    public static void copy(int[] local, int at, int to, IntArray source, int from, int bytes) {
        throw Kernels.only();
    }

    /// One arrival (`mbarrier.arrive`).
    public static void arrive(int[] local, int at) {
        throw Kernels.only();
    }

    /// Waits until the phase of this parity is over (`mbarrier.try_wait.parity`).
    public static void await(int[] local, int at, int parity) {
        throw Kernels.only();
    }

    /// Makes what this item has written to local memory visible to the copy engine and to [WarpGroup]; a barrier must
    /// follow (`fence.proxy.async.shared::cta`).
    public static void publish() {
        throw Kernels.only();
    }
}
