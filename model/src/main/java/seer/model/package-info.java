/// A model, and a text's way through it. This package is what programs use; [Backends] is where they begin.
///
/// ```text
/// Backends --> LanguageModel --session--> Session --prefill(PrefillRequest)--> PrefillReport
///                  ^                         |     --generate(Sampling)------> tokens
///   files --ModelFiles                       | chunk by chunk, layer by layer
///                                            v
///   BlockSelector --Run.select(LayerView)--> BlockMask --> Transformer --> Backend
///                   Run.step   (a token)                        |
///                                                LayerObserver <+   pictures, distillation
/// ```
///
/// A model is written once: families are values of [ModelConfig], where they compute is a [seer.model.backend.Backend],
/// and what of the attention map is computed is a [BlockSelector]. Packages below know nothing of
/// this one, but for [seer.model.convert].
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model;
