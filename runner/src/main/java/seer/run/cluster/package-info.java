/// What commands ask of many processes, and whoever provides them: `seer.spark`, where Apache Spark is on the
/// class path.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.run.cluster;
