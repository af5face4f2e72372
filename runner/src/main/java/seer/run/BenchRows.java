package seer.run;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import seer.eval.RecordTable;
import seer.eval.RecordTable.Column;

/// Rows of a benchmark, which are printed as they are measured: a run that is cut off has not been for nothing. So a
/// row says what is known by then, and columns that compare rows look at those before it. JSON is one value, and comes
/// when all is measured.
final class BenchRows<R> {
    private final BenchOutput.Format format;
    private final BenchHead head;
    private final Function<List<R>, RecordTable<R>> tables;
    private final List<String> later;
    private final PrintWriter out;
    private final List<R> rows = new ArrayList<>();
    private List<String> shown = List.of();

    /// @param tables rows as a table
    /// @param later  columns that a row may fill although the first one does not
    BenchRows(BenchOutput.Format format, BenchHead head, Function<List<R>, RecordTable<R>> tables, List<String> later,
              PrintWriter out) {
        this.format = format;
        this.head = head;
        this.tables = tables;
        this.later = later;
        this.out = out;
    }

    List<R> rows() {
        return List.copyOf(rows);
    }

    /// What stands above the rows, if the form has that.
    void begin() {
        if (format == BenchOutput.Format.md) {
            out.println(head.version() + ", " + head.arithmetic());
            Printer.computer(head.machine(), out);
            head.about().forEach(line -> out.println("- " + line));
            out.println();
            out.flush();
        }
    }

    void add(R row) {
        rows.add(row);
        boolean first = rows.size() == 1;
        var table = tables.apply(rows);
        switch (format) {
            case md -> markdown(table, row, first);
            case csv -> {
                var whole = table.behind(head.columns());
                out.print((first ? whole.csvHead() : "") + whole.csvRow(row));
            }
            case jsonl -> Printer.jsonLine(table.behind(head.columns()).object(row), out);
            case json -> { }
        }
        out.flush();
    }

    private void markdown(RecordTable<R> table, R row, boolean first) {
        if (first) {
            shown = table.columns().stream().filter(column -> table.isFilled(column) || later.contains(column.name()))
                    .map(Column::name).toList();
        }
        var narrow = table.of(table.columns().stream().filter(column -> shown.contains(column.name())).toList());
        out.print((first ? narrow.markdownHead() : "") + narrow.markdownRow(row));
    }

    /// What stands below them; or all there is.
    ///
    /// @param after     what ran, with the kernels that were taken
    /// @param sentences about the rows together
    void end(String command, BenchHead after, List<String> sentences) {
        if (format == BenchOutput.Format.json) {
            Printer.json(new BenchOutput.Report(Result.SCHEMA, command, after, tables.apply(rows).objects(), sentences),
                    out);
        } else if (format == BenchOutput.Format.md) {
            boolean more = !after.machine().kernels().isEmpty() || !sentences.isEmpty();
            out.print(more ? System.lineSeparator() : "");
            Printer.kernels(after.machine().kernels(), out);
            sentences.forEach(line -> out.println("- " + line));
        }
        out.flush();
    }
}
