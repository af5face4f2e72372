package seer.model.backend;

/// A computed number that the result depends on is NaN or infinite. The sentence says what it is and where; nothing is
/// chosen, drawn or written from it.
public final class NotFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotFiniteException(String message) {
        super(message);
    }

    private NotFiniteException(String message, Throwable cause) {
        super(message, cause);
    }

    /// The score of a block that a row of the attention map was to be chosen by.
    ///
    /// @param row query block of the whole prompt
    public static NotFiniteException score(int head, int row) {
        return new NotFiniteException("head " + head + ", query block " + row
                + ": a block's score is NaN or infinite, wanted a finite number");
    }

    /// The same, in a larger whole: `layer 3`, or a selector.
    public NotFiniteException within(String place) {
        return new NotFiniteException(place + ", " + getMessage(), this);
    }

    /// The same, with what may help.
    public NotFiniteException hinting(String hint) {
        return new NotFiniteException(getMessage() + "; " + hint, this);
    }
}
