/// What `seer demo` shows: facts hidden in a novel, questions about them, and pictures of what was computed.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.run.demo;
