package seer.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;

/// Rows as markdown for people, as CSV and as JSON for programs; units stand in the columns' names.
public final class EvalTable {
    /// Version of the CSV and JSON columns; grows when one changes its meaning.
    public static final int SCHEMA = 1;

    private final List<EvalRow> rows;

    /// A column of the files.
    ///
    /// @param format of a number in markdown, null for text
    private record Column(String name, String format, Function<EvalRow, Object> field) { }

    private static final List<Column> COLUMNS = List.of(
            new Column("measure", null, row -> row.key().measure().label()),
            new Column("task", null, row -> row.key().task()),
            new Column("tokens", "%d", row -> row.key().tokens()),
            new Column("selector", null, row -> row.key().selector()),
            new Column("dense_last_rows", "%d", row -> row.key().denseLastRows()),
            new Column("n", "%d", EvalRow::n),
            new Column("value", "%.4f", row -> row.value().mean()),
            new Column("ci95_low", "%.4f", row -> row.value().low()),
            new Column("ci95_high", "%.4f", row -> row.value().high()),
            new Column("density", "%.4f", EvalRow::density),
            new Column("selection_ms", "%.1f", EvalRow::selectionMs),
            new Column("attention_ms", "%.1f", EvalRow::attentionMs),
            new Column("prefill_ms", "%.1f", EvalRow::prefillMs),
            new Column("baseline", null, EvalRow::baseline),
            new Column("difference", "%+.4f", row -> of(row.difference(), Interval::mean)),
            new Column("difference_ci95_low", "%+.4f", row -> of(row.difference(), Interval::low)),
            new Column("difference_ci95_high", "%+.4f", row -> of(row.difference(), Interval::high)),
            new Column("difference_bootstrap95_low", "%+.4f", row -> of(row.bootstrap(), Interval::low)),
            new Column("difference_bootstrap95_high", "%+.4f", row -> of(row.bootstrap(), Interval::high)));

    public EvalTable(List<EvalRow> rows) {
        this.rows = List.copyOf(rows);
    }

    /// One table; columns that no row fills are left out.
    public String markdown() {
        var filled = COLUMNS.stream().filter(column -> rows.stream().anyMatch(row -> cell(column, row) != null))
                .toList();
        var text = new StringBuilder("|");
        filled.forEach(column -> text.append(' ').append(column.name().replace('_', ' ')).append(" |"));
        text.append("\n|");
        filled.forEach(column -> text.append(column.format() == null ? "---|" : "--:|"));
        for (EvalRow row : rows) {
            text.append("\n|");
            for (Column column : filled) {
                Object value = cell(column, row);
                text.append(' ').append(value == null ? "" : column.format() == null ? plain(value.toString())
                        : String.format(Locale.ROOT, column.format(), value)).append(" |");
            }
        }
        return text.append('\n').toString();
    }

    /// Text that leaves the table as it is: a file's name may hold anything.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("|", "\\|");
    }

    /// RFC 4180 with a header; what was not measured is empty.
    public String csv() {
        var format = CSVFormat.DEFAULT;
        var text = new StringBuilder(format.format(COLUMNS.stream().map(Column::name).toArray()))
                .append(format.getRecordSeparator());
        rows.forEach(row -> text.append(format.format(COLUMNS.stream().map(column -> cell(column, row)).toArray()))
                .append(format.getRecordSeparator()));
        return text.toString();
    }

    /// The rows as objects whose names are the columns', without what was not measured.
    public List<Map<String, Object>> objects() {
        return rows.stream().map(row -> {
            Map<String, Object> object = new LinkedHashMap<>();
            COLUMNS.forEach(column -> {
                Object value = cell(column, row);
                if (value != null) {
                    object.put(column.name(), value);
                }
            });
            return object;
        }).toList();
    }

    /// What was not measured, and an end that an interval does not have, is null; JSON has neither NaN nor infinity.
    private static Object cell(Column column, EvalRow row) {
        Object value = column.field().apply(row);
        return value instanceof Double number && !Double.isFinite(number) ? null : value;
    }

    private static Double of(Interval interval, Function<Interval, Double> end) {
        return interval == null ? null : end.apply(interval);
    }
}
