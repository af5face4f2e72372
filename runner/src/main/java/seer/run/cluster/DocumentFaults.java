package seer.run.cluster;

import seer.model.OutOfSpaceException;
import seer.model.backend.NotFiniteException;
import seer.model.load.MalformedModelException;

/// What exceptions mean for a document, and for those after it.
public final class DocumentFaults {
    private static final String OURS = "seer.";

    private DocumentFaults() { }

    /// Whether a document is to blame: it is empty, too long or no text, or the model gives no numbers for it.
    public static boolean isOfDocument(RuntimeException e) {
        return !(e instanceof MalformedModelException) && (e instanceof NotFiniteException
                || e instanceof OutOfSpaceException || e.getClass() == IllegalArgumentException.class && isOurs(e));
    }

    /// Whether we have said it, and in a sentence.
    public static boolean isOurs(Throwable e) {
        var trace = e.getStackTrace();
        return e.getMessage() != null && trace.length > 0 && trace[0].getClassName().startsWith(OURS);
    }

    /// The sentence for a line of JSON that names no document.
    ///
    /// @param fault  what is wrong with it, as [seer.model.load.JsonLine] says it; null for a sound one
    /// @param column of the names
    public static String nameless(Object file, long line, String fault, String column) {
        return file + ": line " + line + (fault == null ? ", field " + column + ": wanted a name, got nothing" : fault);
    }

    /// In one sentence.
    public static String sentence(Throwable e) {
        return isOurs(e) ? e.getMessage() : "a fault of seer's own: " + e;
    }
}
