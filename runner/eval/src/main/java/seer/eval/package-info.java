/// What sparse attention costs and loses: tasks, the samples they give, and the statistics over them.
///
/// ```text
/// EvalTask x Contender --Study--> Samples (one per prompt or window) --Summary--> EvalRow --> EvalTable, QualityPlot
/// ```
package seer.eval;
