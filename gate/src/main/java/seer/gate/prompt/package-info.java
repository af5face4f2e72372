/// Retrieval prompts made from any text, in RULER's manner (arXiv 2404.06654): to measure with and to train on.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.gate.prompt;
