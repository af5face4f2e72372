package seer.model.load;

/// Weights that no file holds: drawn by lot, to measure what a prompt costs where none are at hand.
public non-sealed interface GeneratedWeights extends WeightStore { }
