package seer.spark;

import java.util.regex.Pattern;
import seer.run.cluster.DocumentFaults;

/// What exceptions mean for a job.
final class Faults {
    private static final Pattern TOLD = Pattern.compile("([\\w.$]+(?:Exception|Error)): (.+)");

    private static final Pattern UNREAD = Pattern.compile(
            "^\\[FAILED_READ_FILE.* reading file (.+?)\\.\\s+(?:[A-Z].*)?$");

    private Faults() { }

    /// What ended a job, without the traces that Spark tells with it.
    static RuntimeException ofJob(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RuntimeException ours && DocumentFaults.isOurs(cause)) {
                return ours;
            }
        }
        var told = TOLD.matcher(String.valueOf(e.getMessage())); // by an executor that is another process
        String said = told.find() ? told.group(2) : String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        var file = UNREAD.matcher(said);
        if (file.find()) {
            return new IllegalStateException(Locations.shown(file.group(1)) + ": wanted a file of the "
                    + "format that it is read as, got a broken one (is it truncated?)", e);
        }
        return new IllegalStateException("Spark ended the job: " + said, e);
    }
}
