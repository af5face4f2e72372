package seer.model.attention;

/// How the mass of a block of keys, the sum of their probabilities for one query, becomes one number for a block of
/// queries.
public enum MassPooling {
    /// That of the query which looks there most.
    PEAK,
    /// The mean of all queries: rows sum to 1.
    MEAN,
    /// The root of the mean of the squares: what an output loses when the block is left out grows with its mass, and
    /// what counts of a loss is its square.
    ROOT
}
