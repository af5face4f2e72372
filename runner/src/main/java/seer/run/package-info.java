/// The command line: a class for each command, mixed from groups of options, and what all of them print with.
///
/// ```text
/// Main --> ...Command --...Options--> Workbench (model, backend, library) --> what the libraries do
///                                        Trial, EvalRun, seer.run.bench --> Result, Row, Printer, Table
/// ```
///
/// Commands do not see each other. What can be measured without a terminal is in [seer.eval]; the words for measuring
/// are defined there. An error is a sentence ([Complaint]) and an exit code.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.run;
