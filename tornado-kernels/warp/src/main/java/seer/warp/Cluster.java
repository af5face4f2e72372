package seer.warp;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What groups on neighbouring multiprocessors do together: a **cluster** (sm_90).
///
/// A cluster runs at the same time, each of its groups on a multiprocessor of its own, and its groups reach each
/// other's local memory: one copy brings a tile to all of them, and one may arrive at another's barrier. With `n`
/// groups to a cluster, those numbered `n c ... n c + n - 1` along x are cluster `c`, and `groupIdx % n` is a group's
/// **rank** in it. The number of groups has to be a multiple of `n`.
///
/// ```text
///             group of rank 0                      group of rank 1
///   copies    one half of a tile, to both          the other half, to both
///                  |      `---------.  .---------------'   |
///                  |      .---------)--'                   |
///                  v      v          `--------------.      v
///   expects   the whole tile                       the whole tile
///   readers   arrive at both: "read"               arrive at both: "read"
/// ```
/// Local memory is laid out alike in all of them, so a place means the same in each.
///
/// Nobody may copy to a group, or arrive there, before that has made its barriers, or once it has ended: [#meet] stands
/// behind the one and in front of the other.
public final class Cluster {
    private Cluster() { }

    /// So many groups, a constant, are a cluster (`__cluster_dims__`). Does nothing at run time.
    public static void groups(int together) {
        throw Kernels.only();
    }

    /// All items of all groups of the cluster meet, and know what the others have done (`barrier.cluster.arrive`,
    /// `barrier.cluster.wait`). Items of a warp may come one by one.
    public static void meet() {
        throw Kernels.only();
    }

    /// As [BulkCopy#copy], to the same place of each group whose bit is set, each time reporting to the barrier at the
    /// same place (`cp.async.bulk.shared::cluster.global...multicast::cluster`).
    ///
    /// @param ranks bit `r`: to the group of rank `r`
    public static void copy(int[] local, int at, int to, IntArray source, int from, int bytes, int ranks) {
        throw Kernels.only();
    }

    /// One arrival at the barrier of the group of this rank, the own one or another (`mapa`,
    /// `mbarrier.arrive.shared::cluster`).
    public static void arrive(int[] local, int at, int rank) {
        throw Kernels.only();
    }
}
