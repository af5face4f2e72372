package seer.sim;

/// How closely kernels are watched.
public enum Checks {

    /// Everything, element by element, in one thread.
    FULL,

    /// Ranges, barriers, transfers, grids and device memory that nobody wrote; local memory starts as
    /// NaN; all cores.
    RANGES
}
