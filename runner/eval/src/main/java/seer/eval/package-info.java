/// What sparse attention costs and loses: tasks, the samples they give, and the statistics over them.
///
/// ```text
/// EvalTask x Contender --Study--> Samples (one per prompt or window) --Summary--> EvalRow --> EvalTable, QualityPlot
/// ```
///
/// Words for measuring, here and where this package is used:
///
/// | word | is |
/// |---|---|
/// | task ([EvalTask]) | what is read and how it is scored, item by item |
/// | contender ([Contender]) | a selector that takes part, with its label |
/// | sample ([Sample]) | one item read with one contender |
/// | study ([Study]) | tasks measured with contenders, what is there already left out |
/// | lineup ([seer.eval.plan.Lineup]) | the contenders of an experiment: methods at densities |
/// | experiment ([seer.eval.plan.Experiment]) | a lineup, and the tasks at every length |
/// | workbench (`seer.run`) | the open model, backend and library that a command measures on |
/// | trial (`seer.run`) | one prompt that a user waits for, read once and continued |
/// | contest, suite (`seer.run.bench`) | kernels timed in interleaved rounds, and the figures made of them |
///
/// Settings that reach a density are found in two ways. [Calibration] bisects any contender's setting by prefills of
/// the text, and needs nothing of it but its density. [seer.gate.ThresholdSearch] reads a threshold off a gate's own
/// probabilities, one for each layer or head if asked, for the adapter to keep.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.eval;
