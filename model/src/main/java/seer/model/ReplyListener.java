package seer.model;

/// Follows a reply as it comes.
@FunctionalInterface
public interface ReplyListener {
    /// More of the text: whole characters, never empty.
    void text(String part);

    /// Whether nobody waits for the rest: asked after each layer of each chunk of the prompt, and after each token.
    default boolean cancelled() {
        return false;
    }
}
