package seer.run.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/// One measured piece of work: the median of its rounds.
///
/// @param work       what was timed
/// @param ms         median time
/// @param gflops     operations per second, in 10^9
/// @param shareOfFma of the rate that a register-only loop reached in the same rounds
/// @param note       the ratio that it is there for
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BenchRow(@JsonProperty("work") String work, @JsonProperty("ms") Double ms,
                       @JsonProperty("gflops") Double gflops, @JsonProperty("share_of_fma") Double shareOfFma,
                       @JsonProperty("note") String note) { }
