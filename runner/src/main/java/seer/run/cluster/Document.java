package seer.run.cluster;

import java.util.Map;
import seer.model.LanguageModel;

/// Something to be read.
///
/// @param id   its name; null where it has none
/// @param keep what comes along into the results, by name
/// @param text what is read
public record Document(String id, Map<String, Object> keep, Text text) {

    /// What is read of a document, as it comes.
    @FunctionalInterface
    public interface Text {
        /// The tokens of it, and of the question behind it.
        ///
        /// @throws IllegalArgumentException if it cannot be read
        int[] prompt(Reading reading, LanguageModel model);
    }
}
