/// LongBench (arXiv 2308.14508) from its published JSONL files: its English and code datasets, their metrics, and
/// prompts of our own wording.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.eval.longbench;
