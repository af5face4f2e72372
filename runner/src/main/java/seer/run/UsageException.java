package seer.run;

/// Options that do not go together or do not fit what they are for: exit code 2.
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
