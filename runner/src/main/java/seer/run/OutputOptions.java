package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import seer.eval.EvalRow;
import seer.eval.EvalTable;
import seer.eval.QualityPlot;
import seer.model.load.AtomicFile;

/// Where an evaluation's rows go.
final class OutputOptions {
    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "markdown",
            description = "What is printed: markdown, csv or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--out", paramLabel = "PREFIX",
            description = "Also write PREFIX.md, PREFIX.csv and PREFIX.json.")
    private Path out;

    @Option(names = "--plot", paramLabel = "FILE",
            description = "Draw quality against density as FILE.png and FILE.svg, and against time to first token as "
                    + "FILE-time.png and FILE-time.svg.")
    private Path plot;

    /// Forms of a table.
    enum Format { markdown, csv, json }

    /// The JSON form.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Report(@JsonProperty("schema") int schema, @JsonProperty("command") String command,
                  @JsonProperty("machine") Result.Machine machine, @JsonProperty("model") Result.Model model,
                  @JsonProperty("rows") List<Map<String, Object>> rows) { }

    /// Checks that files can be written before anything is measured.
    void check() {
        folder("--out", out);
        folder("--plot", plot);
    }

    private static void folder(String option, Path file) {
        if (file != null && !Files.isDirectory(file.toAbsolutePath().getParent())) {
            throw new UsageException(option + " " + file + ": its folder does not exist");
        }
    }

    Path out() {
        return out;
    }

    /// Prints, writes and draws.
    ///
    /// @param bench null where nothing was measured
    void publish(String command, Workbench bench, List<EvalRow> rows, PrintWriter printed) {
        var table = new EvalTable(rows);
        var report = report(command, bench, table);
        switch (format) {
            case markdown -> {
                if (bench != null) {
                    Printer.header(Result.of(command, bench, null, null, List.of()), printed);
                }
                printed.print(table.markdown());
                printed.flush();
            }
            case csv -> {
                printed.print(table.csv());
                printed.flush();
            }
            case json -> Printer.json(report, printed);
        }
        if (out != null) {
            write(command, bench, rows);
        }
        draw(rows);
    }

    /// Writes the files of `--out`.
    void write(String command, Workbench bench, List<EvalRow> rows) {
        var table = new EvalTable(rows);
        write(".md", table.markdown());
        write(".csv", table.csv());
        var json = new StringWriter();
        Printer.json(report(command, bench, table), new PrintWriter(json, true));
        write(".json", json.toString());
    }

    private static Report report(String command, Workbench bench, EvalTable table) {
        return new Report(EvalTable.SCHEMA, command,
                bench == null ? null : Result.Machine.of(bench.backend()),
                bench == null ? null : Result.Model.of(bench), table.objects());
    }

    private void write(String ending, String text) {
        text(out.resolveSibling(out.getFileName() + ending), text);
    }

    /// Replaces a file.
    static void text(Path file, String text) {
        AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }

    private void draw(List<EvalRow> rows) {
        if (plot != null) {
            new QualityPlot(rows, QualityPlot.Axis.DENSITY).write(plot);
            if (rows.stream().anyMatch(row -> !Double.isNaN(row.prefillMs()))) {
                String name = plot.getFileName().toString().replaceFirst("(?i)\\.(png|svg)$", "");
                new QualityPlot(rows, QualityPlot.Axis.TIME).write(plot.resolveSibling(name + "-time"));
            }
        }
    }
}
