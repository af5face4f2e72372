/// Retrieval prompts made from any text, in RULER's manner (arXiv 2404.06654): to measure with and to train on.
package seer.gate.prompt;
