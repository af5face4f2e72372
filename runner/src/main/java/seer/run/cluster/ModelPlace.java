package seer.run.cluster;

import java.io.Serializable;

/// Which model other processes open, and where they compute.
///
/// @param model     path of its folder or file, the same for all of them
/// @param sha256    of its weights, which theirs have to match
/// @param gate      path of the gates' folder; null for the model's own
/// @param backend   as `--backend` says it
/// @param threads   as `--threads` says it; null for all cores
/// @param precision as `--precision` says it
public record ModelPlace(String model, String sha256, String gate, String backend, Integer threads, String precision)
        implements Serializable { }
