package seer.gate.train;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import seer.model.load.AtomicFile;

/// The metrics of a training as CSV, a line for each step, written as soon as the step is made.
///
/// ```text
/// step,rate,tokens,seconds,tokens_per_s,NAME_loss,NAME_kl_nats,NAME_gradient_norm,...
/// ```
///
/// Losses are means over the batch; `kl_nats` is the divergence per row. A run that goes on keeps the lines up to its
/// checkpoint and writes the later ones anew.
final class MetricsFile implements AutoCloseable {
    private static final int FIXED = 5;
    private static final int PER_GATE = 3;

    private final Path file;
    private final BufferedWriter writer;
    private final List<StepReport> rows;

    private MetricsFile(Path file, BufferedWriter writer, List<StepReport> rows) {
        this.file = file;
        this.writer = writer;
        this.rows = rows;
    }

    /// @param steps made before: lines beyond them are dropped
    static MetricsFile open(Path file, List<GateRecipe> gates, int steps) {
        try {
            var text = new StringBuilder(header(gates));
            var rows = new ArrayList<StepReport>();
            for (String line : steps > 0 && Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                String[] cells = line.split(",");
                if (cells.length == FIXED + PER_GATE * gates.size() && cells[0].matches("\\d+")
                        && Integer.parseInt(cells[0]) <= steps) {
                    text.append(line).append('\n');
                    rows.add(row(cells, gates.size()));
                }
            }
            AtomicFile.write(file, text.toString());
            return new MetricsFile(file, Files.newBufferedWriter(file, StandardOpenOption.APPEND), rows);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    void add(StepReport report) {
        rows.add(report);
        try {
            writer.write(line(report));
            writer.flush();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /// All steps, those of earlier runs included as far as the file had them.
    List<StepReport> rows() {
        return List.copyOf(rows);
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static String header(List<GateRecipe> gates) {
        var text = new StringBuilder("step,rate,tokens,seconds,tokens_per_s");
        for (GateRecipe gate : gates) {
            for (String column : new String[] {"loss", "kl_nats", "gradient_norm"}) {
                text.append(',').append(gate.name()).append('_').append(column);
            }
        }
        return text.append('\n').toString();
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

    private static StepReport row(String[] cells, int gates) {
        var reports = new ArrayList<StepReport.Gate>();
        for (int g = 0; g < gates; g++) {
            int at = FIXED + PER_GATE * g;
            reports.add(new StepReport.Gate(Double.parseDouble(cells[at]), Double.parseDouble(cells[at + 1]),
                    Double.parseDouble(cells[at + 2])));
        }
        return new StepReport(Integer.parseInt(cells[0]), Double.parseDouble(cells[1]), Long.parseLong(cells[2]),
                Double.parseDouble(cells[3]), reports);
    }

    private static UncheckedIOException failed(Path file, IOException e) {
        return new UncheckedIOException(file + " cannot be written: " + e, e);
    }
}
