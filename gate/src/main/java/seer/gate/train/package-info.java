/// Distilling gates from a frozen model (SeerAttention, arXiv 2410.13276, section 3.2). Their thresholds are found
/// afterwards, by [seer.gate.ThresholdSearch].
///
/// ```text
/// SequenceSource --> dense prefill, frozen --FeatureCollector--> BlockFeatures of one layer
///                                                                     |
///   GateParameters <--AdamW-- Gradients <--GateStep, RowLoss-- per gate, layer and group
/// ```
///
/// From weights and the indices of sequences to gradients and losses is one function, [GradientBatch], for a process
/// or for several; [GateTraining] is the loop around it.
///
/// The forward pass and the target run on the model's backend; what leaves it is small: pooled vectors and maps of
/// blocks. The gates' own step runs on the host, deterministic whatever the number of threads.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.gate.train;

import seer.gate.course.AdamW;
import seer.gate.course.SequenceSource;
