/// LongBench (arXiv 2308.14508) from its published JSONL files: its English and code datasets, their metrics, and
/// prompts of our own wording.
package seer.eval.longbench;
