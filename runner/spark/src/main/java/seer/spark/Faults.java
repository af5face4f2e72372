package seer.spark;

import java.util.regex.Pattern;
import seer.model.OutOfSpaceException;
import seer.model.backend.NotFiniteException;
import seer.model.load.MalformedModelException;

/// What exceptions mean for a job.
final class Faults {
    private static final String OURS = "seer.";
    private static final Pattern TOLD = Pattern.compile("([\\w.$]+(?:Exception|Error)): (.+)");

    private Faults() { }

    /// Whether a document is to blame: it is empty, too long or no text, or the model gives no numbers for it.
    static boolean ofDocument(RuntimeException e) {
        return !(e instanceof MalformedModelException) && (e instanceof NotFiniteException
                || e instanceof OutOfSpaceException || e.getClass() == IllegalArgumentException.class && isOurs(e));
    }

    private static boolean isOurs(Throwable e) {
        var trace = e.getStackTrace();
        return e.getMessage() != null && trace.length > 0 && trace[0].getClassName().startsWith(OURS);
    }

    /// In one sentence.
    static String sentence(Throwable e) {
        return isOurs(e) ? e.getMessage() : "a fault of seer's own: " + e;
    }

    /// What ended a job, without the traces that Spark tells with it.
    static RuntimeException ofJob(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RuntimeException ours && isOurs(cause)) {
                return ours;
            }
        }
        var told = TOLD.matcher(String.valueOf(e.getMessage())); // by an executor that is another process
        String said = told.find() ? told.group(2) : String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new IllegalStateException("Spark ended the job: " + said, e);
    }
}
