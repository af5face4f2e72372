package seer.sim;

/// How closely kernels are watched.
public enum Checks {

    /// Everything, element by element, in one thread.
    FULL,

    /// Ranges, barriers, transfers and grids only; local memory starts as NaN; all cores.
    RANGES
}
