package seer.gate.prompt;

import java.util.List;
import java.util.SplittableRandom;

/// One question before it is laid out: what stands before the text, in it, after it, and the answer.
///
/// @param opening stands before the text
/// @param body    fills the room between opening and question
/// @param answer  follows the question; begins with a space
/// @param values  parts of the answer, in its order
/// @param closing the text of the one token after the answer
record Task(String opening, Body body, String question, String answer, List<String> values, String closing) {

    /// What fills a prompt.
    interface Body {
        /// Exactly `room` tokens.
        ///
        /// @throws IllegalArgumentException if the room does not suffice
        int[] fill(int room, SplittableRandom random);
    }

    static IllegalArgumentException noRoom(int room, int wanted, String what) {
        return new IllegalArgumentException("the prompt's length leaves " + room + " tokens for its text, wanted "
                + "at least " + wanted + " for " + what);
    }
}
