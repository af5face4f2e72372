package seer.gate.course;

/// A sequence that gates learn from.
///
/// @param tokens of the whole sequence
/// @param answer first token of what a prompt asks for, up to the end; as many as there are tokens where nothing is
///               asked
public record TrainingSequence(int[] tokens, int answer) {

    /// A text in which nothing is asked.
    public static TrainingSequence text(int[] tokens) {
        return new TrainingSequence(tokens, tokens.length);
    }

    /// Number of tokens.
    public int length() {
        return tokens.length;
    }

    /// The first block of queries that predict the answer: the query before a token predicts it. As many as there are
    /// blocks where nothing is asked.
    public int answerRow(int block) {
        return answer == tokens.length ? Math.ceilDiv(tokens.length, block) : Math.max(0, answer - 1) / block;
    }
}
