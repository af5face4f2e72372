package seer.model.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Writes every buffer to its end: the system may take a part of it, and does so on a disk that is nearly full.
///
/// @param channel takes the bytes; closed by its owner
record WholeChannel(WritableByteChannel channel) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer buffer) throws IOException {
        int size = buffer.remaining();
        while (buffer.hasRemaining()) {
            if (channel.write(buffer) <= 0) {
                throw new IOException("nothing more is taken, with " + buffer.remaining() + " bytes left to write");
            }
        }
        return size;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
