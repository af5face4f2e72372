package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import seer.eval.EvalRow;
import seer.eval.EvalTable;
import seer.eval.QualityPlot;
import seer.eval.Samples;
import seer.model.load.AtomicFile;

/// Where an evaluation's rows go.
final class OutputOptions {
    private static final List<String> ENDINGS = List.of(".md", ".csv", ".json");
    private static final String TIME = "-time";
    private static final String SAMPLES = "-samples.csv";

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "markdown",
            description = "What is printed: markdown, csv or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--out", paramLabel = "PREFIX",
            description = "Also write PREFIX.md, PREFIX.csv and PREFIX.json, and PREFIX-samples.csv with each prompt's "
                    + "number.")
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
                  @JsonProperty("conditions") Conditions conditions,
                  @JsonProperty("rows") List<Map<String, Object>> rows) { }

    /// Checks that files can be written before anything is measured.
    void check() {
        if (out != null) {
            checkPrefix("--out", out);
            ENDINGS.forEach(ending -> AtomicFile.prepare(file(ending)));
        }
        if (plot != null) {
            checkPrefix("--plot", plot);
            Desktop.require("--plot");
            for (Path chart : List.of(plot(""), plot(TIME))) {
                QualityPlot.files(chart).forEach(AtomicFile::prepare);
            }
        }
    }

    private static void checkPrefix(String option, Path prefix) {
        if (Files.isDirectory(prefix)) {
            throw new UsageException(option + " is " + prefix + ", a folder, wanted the beginning of files' names, "
                    + "such as " + prefix.resolve("table"));
        }
        checkFolder(option, prefix);
    }

    /// Refuses a file whose folder is not there.
    static void checkFolder(String option, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UsageException(option + " " + file + ": its folder does not exist");
        }
    }

    boolean isToFile() {
        return out != null;
    }

    /// Writes what each prompt gave: whoever compares models compares prompt with prompt.
    void keep(Samples samples) {
        if (out != null) {
            samples.write(file(SAMPLES), null);
        }
    }

    /// Prints, writes and draws.
    ///
    /// @param bench      null where nothing was measured
    /// @param conditions of all rows; null where they are not known
    void publish(String command, Workbench bench, Conditions conditions, List<EvalRow> rows, PrintWriter printed) {
        var table = new EvalTable(rows);
        var report = report(command, bench, conditions, table);
        switch (format) {
            case markdown -> {
                head(command, bench, conditions).lines().forEach(printed::println);
                printed.print(table.markdown());
                printed.print(kernels(bench));
                printed.flush();
            }
            case csv -> {
                printed.print(table.csv());
                printed.flush();
            }
            case json -> Printer.json(report, printed);
        }
        if (out != null) {
            write(command, bench, conditions, rows);
        }
        draw(rows);
    }

    /// Writes the files of `--out`.
    void write(String command, Workbench bench, Conditions conditions, List<EvalRow> rows) {
        var table = new EvalTable(rows);
        write(".md", Printer.paragraph(head(command, bench, conditions)) + table.markdown() + kernels(bench));
        write(".csv", table.csv());
        var json = new StringWriter();
        Printer.json(report(command, bench, conditions, table), new PrintWriter(json, true));
        write(".json", json.toString());
    }

    /// What was measured where, as far as it is known: lines, the last of them empty.
    private static String head(String command, Workbench bench, Conditions conditions) {
        var lines = new StringWriter();
        var out = new PrintWriter(lines, true);
        if (bench != null) {
            Printer.header(Result.of(command, bench, null, null, List.of()).under(conditions), out);
        } else if (conditions != null) {
            conditions.print(out);
            out.println();
        }
        return lines.toString();
    }

    /// The kernels that were taken, as a paragraph behind the table, if there were several to choose from.
    private static String kernels(Workbench bench) {
        var line = new StringWriter();
        if (bench != null) {
            Printer.kernels(bench.backend().rungs(), new PrintWriter(line, true));
        }
        return line.toString().isEmpty() ? "" : "\n" + line;
    }

    private static Report report(String command, Workbench bench, Conditions conditions, EvalTable table) {
        return new Report(EvalTable.SCHEMA, command,
                bench == null ? null : Result.Machine.of(bench.backend()),
                bench == null ? null : Result.Model.of(bench), conditions, table.objects());
    }

    private void write(String ending, String text) {
        AtomicFile.write(file(ending), text);
    }

    /// `--out` with an ending.
    Path file(String ending) {
        return out.resolveSibling(out.getFileName() + ending);
    }

    /// `--plot`, without the ending of a picture, with `ending`.
    private Path plot(String ending) {
        return plot.resolveSibling(QualityPlot.bare(plot) + ending);
    }

    private void draw(List<EvalRow> rows) {
        if (plot != null) {
            new QualityPlot(rows, QualityPlot.Axis.DENSITY).write(plot(""));
            if (rows.stream().anyMatch(row -> !Double.isNaN(row.prefillMs()))) {
                new QualityPlot(rows, QualityPlot.Axis.TIME).write(plot(TIME));
            }
        }
    }
}
