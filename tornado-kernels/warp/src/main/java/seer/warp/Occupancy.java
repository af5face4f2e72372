package seer.warp;

/// What a kernel tells the compiler of the way it will run.
public final class Occupancy {
    private Occupancy() { }

    /// So many groups, a constant, are to fit a multiprocessor together: the compiler limits registers for it
    /// (`__launch_bounds__`). Does nothing at run time.
    public static void groups(int together) {
        throw Kernels.only();
    }

    /// The calling 128 items take registers until each has `registers`, a constant multiple of 8, and wait until there
    /// are so many (`setmaxnreg.inc.sync.aligned.u32`, sm_90a).
    public static void take(int registers) {
        throw Kernels.only();
    }

    /// The calling 128 items give registers away and keep `registers` each (`setmaxnreg.dec.sync.aligned.u32`, sm_90a).
    public static void give(int registers) {
        throw Kernels.only();
    }
}
