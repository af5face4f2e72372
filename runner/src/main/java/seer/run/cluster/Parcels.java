package seer.run.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import seer.gate.train.PackedTensors;

/// What processes of one machine tell each other, through a pipe, with long tensors in a [Tray] beside it.
final class Parcels {
    /// Bytes that a pipe takes at a time.
    private static final int PIPE = 1 << 16;

    private Parcels() { }

    /// Stands in the pipe for tensors in the tray.
    private record Laid(int[][] lengths) implements Serializable { }

    /// The end that sends.
    static ObjectOutputStream sender(OutputStream pipe, Tray tray) throws IOException {
        var sender = new Sender(new BufferedOutputStream(pipe, PIPE), tray);
        sender.flush(); // its head, which the other end waits for
        return sender;
    }

    /// The end that receives; waits for the other to be made.
    static ObjectInputStream receiver(InputStream pipe, Tray tray) throws IOException {
        return new Receiver(new BufferedInputStream(pipe, PIPE), tray);
    }

    private static final class Sender extends ObjectOutputStream {
        private final Tray tray;

        Sender(OutputStream pipe, Tray tray) throws IOException {
            super(pipe);
            this.tray = tray;
            enableReplaceObject(true);
        }

        /// What is short, or finds the tray full, goes through the pipe.
        @Override
        protected Object replaceObject(Object sent) throws IOException {
            return sent instanceof PackedTensors(int[][] lengths, byte[] bytes) && bytes.length > PIPE
                    && tray.put(bytes) ? new Laid(lengths) : sent;
        }
    }

    private static final class Receiver extends ObjectInputStream {
        private final Tray tray;

        Receiver(InputStream pipe, Tray tray) throws IOException {
            super(pipe);
            this.tray = tray;
            enableResolveObject(true);
        }

        @Override
        protected Object resolveObject(Object received) throws IOException {
            return received instanceof Laid(int[][] lengths) ? new PackedTensors(lengths, tray.take()) : received;
        }
    }
}
