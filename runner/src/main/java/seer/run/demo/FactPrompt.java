package seer.run.demo;

/// A long text with facts hidden in it and a question about them.
///
/// @param tokens the prompt, question included
/// @param asked  the question's subject, for people
/// @param answer the right continuation
public record FactPrompt(int[] tokens, String asked, String answer) { }
