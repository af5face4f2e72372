package seer.gate;

import seer.model.backend.Tensor;

/// The learned weights of one layer's gate.
///
/// @param key   `[heads of its own, poolings * D, E]`: one matrix per query head in the published form, one per
///              key/value head where queries are projected too
/// @param query `[H, poolings * D, E]` or null: the published form projects keys only
record GateLayer(Tensor key, Tensor query) { }
