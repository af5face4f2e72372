/// Benchmarks: kernels and whole prompts timed in interleaved rounds, so that a machine whose clock drifts treats all
/// of them alike. A [Contest] times, [Suite] knows what the cpu backend is held to; what is timed is [MatmulBench],
/// [AttentionBench], [AttentionTrial] and [PrefillTrial].
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.run.bench;
