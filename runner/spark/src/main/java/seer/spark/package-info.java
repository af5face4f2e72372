/// Prefill, evaluation and the training of gates on Apache Spark.
///
/// ```text
/// driver                                 executor JVM
/// SeerPrefill.transform --Reading------> task: rows --DocumentReader--> rows with the result
///                                          |  lease
///                                        Engines --Place, device--> Engine: one model, one thread, for all tasks
/// ```
///
/// What travels is paths, settings and rows; weights are opened where they are used, once for each executor and device.
/// Everything that is computed is done by the modules before this one: sessions and selectors, tasks and contenders of
/// an evaluation, gradients of a training.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.spark;
