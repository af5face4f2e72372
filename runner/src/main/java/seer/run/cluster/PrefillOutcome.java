package seer.run.cluster;

import java.util.Map;

/// What became of a [PrefillJob].
///
/// @param documents in the results
/// @param errors    of them documents that could not be read
/// @param before    of them documents that an earlier run had read
/// @param gone      of those, documents that the input has not got any more
/// @param tokens    that this run has read
/// @param seconds   of this run, from the first task to the last
/// @param figures   of the tasks of this run that were not lost, by name
public record PrefillOutcome(long documents, long errors, long before, long gone, long tokens, double seconds,
                             Map<String, Long> figures) { }
