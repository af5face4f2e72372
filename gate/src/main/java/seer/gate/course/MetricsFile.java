package seer.gate.course;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import seer.model.load.AtomicFile;
import seer.model.load.FileTrouble;

/// The metrics of a training as CSV, a line for each step, written as soon as the step is made; read by
/// [MetricsReader].
///
/// ```text
/// step,rate,tokens,seconds,tokens_per_s,...
/// ```
///
/// What follows is the training's own. A run that goes on keeps the lines up to its
/// checkpoint and writes the later ones anew.
public final class MetricsFile implements AutoCloseable {
    /// How columns end that hold lengths, which are at least 0.
    static final String NORM = "gradient_norm";

    private static final List<String> FIXED = List.of("step", "rate", "tokens", "seconds", "tokens_per_s");

    private final Path file;
    private final FileChannel channel;
    private final List<StepRow> rows;

    private MetricsFile(Path file, FileChannel channel, List<StepRow> rows) {
        this.file = file;
        this.channel = channel;
        this.rows = rows;
    }

    /// @param columns of the training's own
    /// @param planned steps of the whole training
    /// @param steps   made before: lines beyond them are dropped
    /// @throws seer.model.load.MalformedModelException if the lines of those steps are not there as they were written
    public static MetricsFile open(Path file, List<String> columns, int planned, int steps) {
        var before = steps == 0 ? List.<MetricsReader.Line>of() : MetricsReader.read(file, columns, planned, steps);
        var text = new StringBuilder(String.join(",", all(columns))).append('\n');
        before.forEach(line -> text.append(line.text()).append('\n'));
        AtomicFile.write(file, text.toString());
        try {
            return new MetricsFile(file, FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    new ArrayList<>(before.stream().map(MetricsReader.Line::row).toList()));
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// All columns, those that every training has first.
    public static List<String> all(List<String> columns) {
        return Stream.concat(FIXED.stream(), columns.stream()).toList();
    }

    /// Adds a line.
    public void add(StepRow row) {
        rows.add(row);
        try {
            var bytes = ByteBuffer.wrap(line(row).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// Forces what was added to the disk, so that no checkpoint is newer than its metrics.
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// All steps, those of earlier runs included.
    public List<StepRow> rows() {
        return List.copyOf(rows);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static String line(StepRow row) {
        var text = new StringBuilder(String.format(Locale.ROOT, "%d,%.6g,%d,%.4f,%.1f", row.step(), row.rate(),
                row.tokens(), row.seconds(), row.tokensPerSecond()));
        row.values().forEach(value -> text.append(String.format(Locale.ROOT, ",%.6g", value)));
        return text.append('\n').toString();
    }

    private static UncheckedIOException failed(Path file, IOException e) {
        return new UncheckedIOException(file + " cannot be written: " + FileTrouble.reason(e), e);
    }
}
