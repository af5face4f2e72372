package seer.gate.prompt;

import java.io.Serializable;
import java.util.List;

/// A prompt whose right answer is known, with that answer.
///
/// @param tokens      prompt, answer and one closing token
/// @param answerStart first token of the answer: `tokens` before it are what a model is asked
/// @param values      what the answer must contain, in its order
/// @param spans       `[first, end)` of the tokens that hold each value
public record RetrievalPrompt(Family family, int[] tokens, int answerStart, List<String> values, List<int[]> spans)
        implements Serializable { }
