/// What commands ask of many processes, and whoever provides them: `seer.spark`, where Apache Spark is on the
/// class path.
package seer.run.cluster;
