package seer.spark;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.util.LineReader;

/// Finds where in their files lines are, which Spark does not say: the files are read again, up to the last line that
/// is asked for. Lines come as Spark reads them, block after block and each block from its beginning, so that the same
/// line a second time is found in its second place.
final class LineNumbers implements Closeable {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}; // which Spark leaves out

    private final Configuration configuration;
    private final Text line = new Text();
    private Path file;
    private long block;
    private LineReader reader; // null before the first
    private boolean compressed;
    private long at; // bytes before the next line
    private long number; // of the last line

    LineNumbers(Configuration configuration) {
        this.configuration = configuration;
    }

    /// The number of a line, from 1; 0 where the file does not have it any more.
    ///
    /// @param begin of the block that it was read from, in bytes
    long of(Path path, long begin, byte[] wanted) throws IOException {
        if (!path.equals(file) || begin != block) {
            open(path, begin);
        }
        long from = number;
        while (!next(wanted)) {
            if (from == 0) {
                return 0;
            }
            from = 0;
            open(path, begin);
        }
        return number;
    }

    private void open(Path path, long begin) throws IOException {
        close();
        var codec = new CompressionCodecFactory(configuration).getCodec(path);
        var in = path.getFileSystem(configuration).open(path);
        reader = new LineReader(codec == null ? in : codec.createInputStream(in));
        compressed = codec != null;
        file = path;
        block = begin;
        at = 0;
        number = 0;
    }

    /// Goes on behind the next line of these bytes; false at the end. A line belongs to the block that its predecessor
    /// ends in, as Hadoop has it.
    private boolean next(byte[] wanted) throws IOException {
        for (int read = reader.readLine(line); read > 0; read = reader.readLine(line)) {
            long begin = at;
            at += read;
            number++;
            if ((compressed || block == 0 || begin > block) && is(wanted)) {
                return true;
            }
        }
        return false;
    }

    private boolean is(byte[] wanted) {
        byte[] bytes = line.getBytes();
        int mark = BYTE_ORDER_MARK.length;
        boolean marked = number == 1 && line.getLength() >= mark
                && Arrays.equals(bytes, 0, mark, BYTE_ORDER_MARK, 0, mark);
        return Arrays.equals(bytes, marked ? mark : 0, line.getLength(), wanted, 0, wanted.length);
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
    }
}
