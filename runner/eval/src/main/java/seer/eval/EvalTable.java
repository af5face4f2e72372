package seer.eval;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import seer.eval.RecordTable.Column;

/// Rows as markdown for people, as CSV and as JSON for programs; units stand in the columns' names.
public final class EvalTable {
    /// Version of the CSV and JSON columns; grows when one changes its meaning.
    public static final int SCHEMA = 1;

    private static final List<Column<EvalRow>> COLUMNS = List.of(
            column("measure", null, row -> row.key().measure().label()),
            column("task", null, row -> row.key().task()),
            column("tokens", "%d", row -> row.key().tokens()),
            column("selector", null, row -> row.key().selector()),
            column("dense_last_rows", "%d", row -> row.key().denseLastRows()),
            column("n", "%d", EvalRow::n),
            column("value", "%.4f", row -> row.value().mean()),
            column("ci95_low", "%.4f", row -> row.value().low()),
            column("ci95_high", "%.4f", row -> row.value().high()),
            column("density", "%.4f", EvalRow::density),
            column("selection_ms", "%.1f", EvalRow::selectionMs),
            column("attention_ms", "%.1f", EvalRow::attentionMs),
            column("prefill_ms", "%.1f", EvalRow::prefillMs),
            column("baseline", null, EvalRow::baseline),
            column("difference", "%+.4f", row -> of(row.difference(), Interval::mean)),
            column("difference_ci95_low", "%+.4f", row -> of(row.difference(), Interval::low)),
            column("difference_ci95_high", "%+.4f", row -> of(row.difference(), Interval::high)),
            column("difference_bootstrap95_low", "%+.4f", row -> of(row.bootstrap(), Interval::low)),
            column("difference_bootstrap95_high", "%+.4f", row -> of(row.bootstrap(), Interval::high)));

    private final RecordTable<EvalRow> table;

    public EvalTable(List<EvalRow> rows) {
        table = new RecordTable<>(COLUMNS, rows);
    }

    /// One table; columns that no row fills are left out.
    public String markdown() {
        return table.markdown();
    }

    /// RFC 4180 with a header; what was not measured is empty.
    public String csv() {
        return table.csv();
    }

    /// The rows as objects whose names are the columns', without what was not measured.
    public List<Map<String, Object>> objects() {
        return table.objects();
    }

    private static Column<EvalRow> column(String name, String format, Function<EvalRow, Object> field) {
        return new Column<>(name, format, field);
    }

    private static Double of(Interval interval, Function<Interval, Double> end) {
        return interval == null ? null : end.apply(interval);
    }
}
