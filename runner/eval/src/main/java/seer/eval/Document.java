package seer.eval;

/// A text to read.
///
/// @param name   for people
/// @param tokens encoded
public record Document(String name, int[] tokens) { }
