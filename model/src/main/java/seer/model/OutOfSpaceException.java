package seer.model;

/// A text needs more memory than there is: says how much, and what to change.
public final class OutOfSpaceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfSpaceException(int tokens, long bytes, Throwable cause) {
        super("%,d tokens need %,d MiB for keys, values and one chunk, more than is left of the heap's %,d MiB: "
                .formatted(tokens, bytes >> 20, Runtime.getRuntime().maxMemory() >> 20)
                + "raise the heap (SEER_JAVA_OPTS=-Xmx...), shorten the text, or use a smaller chunk", cause);
    }
}
