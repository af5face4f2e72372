package seer.run;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/// Standard output that knows why it failed: Java's own swallows every error, so that a full disk or a reader that
/// went away looks like success.
final class StandardOutput extends PrintWriter {
    private final Sink sink;

    private StandardOutput(Sink sink) {
        super(new OutputStreamWriter(new BufferedOutputStream(sink), System.out.charset()), true);
        this.sink = sink;
    }

    /// That of this process.
    static StandardOutput open() {
        return of(new FileOutputStream(FileDescriptor.out));
    }

    static StandardOutput of(OutputStream stream) {
        return new StandardOutput(new Sink(stream));
    }

    /// What is to be said where not everything that was printed could be written; null where it could.
    static String complaint(PrintWriter out) {
        if (!out.checkError()) {
            return null;
        }
        String reason = out instanceof StandardOutput output && output.sink.failure != null
                ? ": " + output.sink.failure.getMessage() : "";
        return "standard output could not be written to its end" + reason;
    }

    /// Ends a command that only prints, at once, where nobody reads any more: its rest would be for nothing.
    static void check(PrintWriter out) {
        if (out.checkError()) {
            throw new LostException();
        }
    }

    /// Nothing more needs to be said: the end of every command says why.
    static final class LostException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// Remembers the first failure.
    private static final class Sink extends OutputStream {
        private final OutputStream stream;
        private IOException failure;

        Sink(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            if (failure != null) {
                throw failure; // a gap in the middle would be worse than an early end
            }
            try {
                stream.write(bytes, from, count);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
