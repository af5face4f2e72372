package seer.run;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/// Standard error as the user has it, in the place of the filter that bin/seer puts before it.
///
/// ```text
///   while the JVM starts:   2 --> filter --> 9, the user's        its line about incubating modules stays behind
///   from `main` on:         2 --> the user's                      order, terminal and progress bar as without filter
/// ```
/// By `dup2` rather than by another stream: what native code and children of this process write goes there too, and the
/// filter ends, as nobody holds its pipe any more.
final class StandardError {
    /// Set by bin/seer: the descriptor that keeps the user's standard error.
    private static final String KEPT = "seer.stderr";
    private static final int ERRORS = 2;

    private StandardError() { }

    /// Does nothing where there is no filter. Where the call fails the filter goes on, and nothing is lost.
    @SuppressWarnings("restricted")
    static void takeOver() {
        Integer kept = Integer.getInteger(KEPT);
        if (kept == null) {
            return;
        }
        try {
            var linker = Linker.nativeLinker();
            int ignored = (int) linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(kept.intValue(), ERRORS);
        } catch (Throwable e) {
            throw new IllegalStateException("dup2 cannot be called: " + e.getMessage(), e);
        }
    }
}
