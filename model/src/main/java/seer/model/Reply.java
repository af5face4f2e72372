package seer.model;

/// What a model said to a prompt, and what that cost.
///
/// @param text            all of it, as the listener was told it
/// @param tokens          that were drawn, without the end-of-text token
/// @param end             why there are no more
/// @param prompt          how the prompt was read; null where the reply was cancelled before its end
/// @param firstTokenNanos from the prompt's tokens to the first one of the reply; 0 where none was drawn
public record Reply(String text, int[] tokens, Session.End end, PrefillReport prompt, long firstTokenNanos) { }
