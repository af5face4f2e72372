package seer.gate.train;

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
import seer.model.load.AtomicFile;
import seer.model.load.FileTrouble;

/// The metrics of a training as CSV, a line for each step, written as soon as the step is made; read by
/// [MetricsReader].
///
/// ```text
/// step,rate,tokens,seconds,tokens_per_s,NAME_loss,NAME_kl_nats,NAME_gradient_norm,...
/// ```
///
/// Losses are means over the batch; `kl_nats` is the divergence per row. A run that goes on keeps the lines up to its
/// checkpoint and writes the later ones anew.
final class MetricsFile implements AutoCloseable {
    private static final List<String> FIXED = List.of("step", "rate", "tokens", "seconds", "tokens_per_s");
    private static final List<String> PER_GATE = List.of("loss", "kl_nats", "gradient_norm");

    private final Path file;
    private final FileChannel channel;
    private final List<StepReport> rows;

    private MetricsFile(Path file, FileChannel channel, List<StepReport> rows) {
        this.file = file;
        this.channel = channel;
        this.rows = rows;
    }

    /// @param steps made before: lines beyond them are dropped
    /// @param plan  of the training
    /// @throws seer.model.load.MalformedModelException if the lines of those steps are not there as they were written
    static MetricsFile open(Path file, TrainingPlan plan, int steps) {
        var before = steps == 0 ? List.<MetricsReader.Line>of() : MetricsReader.read(file, plan, steps);
        var text = new StringBuilder(String.join(",", columns(plan.gates()))).append('\n');
        before.forEach(line -> text.append(line.text()).append('\n'));
        AtomicFile.write(file, text.toString());
        try {
            return new MetricsFile(file, FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    new ArrayList<>(before.stream().map(MetricsReader.Line::row).toList()));
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    static List<String> columns(List<GateRecipe> gates) {
        var columns = new ArrayList<>(FIXED);
        gates.forEach(gate -> PER_GATE.forEach(column -> columns.add(gate.name() + "_" + column)));
        return columns;
    }

    void add(StepReport report) {
        rows.add(report);
        try {
            var bytes = ByteBuffer.wrap(line(report).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// Forces what was added to the disk, so that no checkpoint is newer than its metrics.
    void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// All steps, those of earlier runs included.
    List<StepReport> rows() {
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

    private static String line(StepReport row) {
        var text = new StringBuilder(String.format(Locale.ROOT, "%d,%.6g,%d,%.4f,%.1f", row.step(), row.rate(),
                row.tokens(), row.seconds(), row.tokensPerSecond()));
        for (StepReport.Gate gate : row.gates()) {
            text.append(String.format(Locale.ROOT, ",%.6g,%.6g,%.6g", gate.loss(), gate.divergence(),
                    gate.gradientNorm()));
        }
        return text.append('\n').toString();
    }

    private static UncheckedIOException failed(Path file, IOException e) {
        return new UncheckedIOException(file + " cannot be written: " + FileTrouble.reason(e), e);
    }
}
