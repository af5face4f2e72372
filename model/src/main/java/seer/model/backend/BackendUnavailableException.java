package seer.model.backend;

/// A backend cannot run here: says why, and what would help. Nothing runs elsewhere instead.
public final class BackendUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param backend its name
    /// @param reason  what is missing, half a sentence
    /// @param remedy  what to do, half a sentence
    public BackendUnavailableException(String backend, String reason, String remedy) {
        this(backend, reason, remedy, null);
    }

    /// @param cause what was thrown below
    public BackendUnavailableException(String backend, String reason, String remedy, Throwable cause) {
        super("backend " + backend + ": " + reason + "; " + remedy, cause);
    }
}
