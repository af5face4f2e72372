/// What every training has, whatever it trains: gates ([seer.gate.train]) or the model itself ([seer.gate.tune]).
///
/// | what                                        | files                                                          |
/// |---------------------------------------------|----------------------------------------------------------------|
/// | text becomes sequences, each by its index   | [TextCorpus], [SequenceSource], [MixedSequences]               |
/// | weights and how they change                 | [Parameter], [AdamW], [LearningRate]                           |
/// | what survives a run that is killed          | [TrainingFolder], [CheckpointFile], [MetricsFile]              |
/// | numbers drawn by what they are for          | [Draw]                                                         |
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.gate.course;
