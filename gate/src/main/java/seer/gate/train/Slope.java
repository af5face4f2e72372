package seer.gate.train;

/// A tensor of weights as a step sees it: what it reads, and where it adds the loss's gradient.
///
/// @param value    read
/// @param gradient as long, added to
record Slope(float[] value, float[] gradient) { }
