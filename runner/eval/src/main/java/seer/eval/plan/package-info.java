/// What is to be measured, as data: specifications that print, parse, and are opened where the model is.
///
/// ```text
/// Experiment --at a length--> TaskSpec       --open(Library)--> EvalTask  --+
///                             ContenderSpec  --open(Library)--> Contender --+--> Study
/// ```
///
/// A specification names files and numbers alone, so that it can be sent to another process and opened there on the
/// same files; what came out there is joined by [seer.eval.Samples#merge].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.eval.plan;
