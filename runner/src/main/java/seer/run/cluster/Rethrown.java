package seer.run.cluster;

/// What another thread failed with.
public final class Rethrown {
    private Rethrown() { }

    /// Throws it as it is, or as the cause of an [IllegalStateException] where it would have to be declared.
    ///
    /// @return never, so that callers can throw it
    public static RuntimeException of(Throwable failure) {
        switch (failure) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
