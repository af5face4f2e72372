/// Fine-tuning a model for longer texts while its attention is sparse (SeerAttention, arXiv 2410.13276v1): the other
/// half of the paper beside [seer.gate.train].
///
/// ```text
///   SequenceSource --> sparse forward, gate's blocks --> cross-entropy --> back over the same lists --> AdamW
///                            |                                                                         ^
///                            +-- GatesBeside: dense look, no derivative --> the gates' loss -----------+
/// ```
///
/// A package of the gate module, not of the model's: what is trained is the model, but what its attention reads is
/// chosen by gates, and text, checkpoints and optimiser are those of their training ([seer.gate.course]). The
/// derivatives themselves are the model's own business ([seer.model.LearningSession]).
///
/// [FineTuning] is the loop, [TuningPlan] what it depends on, [TunedWeights] what changes, [TunedModel] what comes out.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.gate.tune;
