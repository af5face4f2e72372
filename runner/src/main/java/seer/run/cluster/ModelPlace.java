package seer.run.cluster;

import java.nio.file.Path;

/// Which model other processes open, and where they compute.
///
/// @param model     folder or file, the same on every machine
/// @param sha256    of its weights, which theirs have to match
/// @param gate      folder of the gates; null for the model's own
/// @param backend   as `--backend` says it
/// @param threads   as `--threads` says it; null for all cores
/// @param precision as `--precision` says it
public record ModelPlace(Path model, String sha256, Path gate, String backend, Integer threads, String precision) { }
