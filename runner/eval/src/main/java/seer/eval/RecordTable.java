package seer.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;

/// Records as markdown for people, as CSV and as JSON for programs; units stand in the columns' names.
///
/// @param columns in this order
/// @param rows    a line each
public record RecordTable<R>(List<Column<R>> columns, List<R> rows) {
    public RecordTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// A column.
    ///
    /// @param format of a number in markdown, null for text
    public record Column<R>(String name, String format, Function<R, Object> field) { }

    /// The same with columns before these that hold one value in all rows.
    public RecordTable<R> behind(Map<String, Object> constants) {
        var all = new ArrayList<Column<R>>();
        constants.forEach((name, value) -> all.add(new Column<>(name, null, row -> value)));
        all.addAll(columns);
        return new RecordTable<>(all, rows);
    }

    /// One table; columns that no row fills are left out.
    public String markdown() {
        var filled = of(columns.stream().filter(this::isFilled).toList());
        return filled.markdownHead() + rows.stream().map(filled::markdownRow).collect(Collectors.joining());
    }

    /// True if some row does.
    public boolean isFilled(Column<R> column) {
        return rows.stream().anyMatch(row -> cell(column, row) != null);
    }

    /// The same rows with other columns.
    public RecordTable<R> of(List<Column<R>> others) {
        return new RecordTable<>(others, rows);
    }

    /// The two lines above the rows, of all columns.
    public String markdownHead() {
        var names = new StringBuilder("|");
        var rule = new StringBuilder("|");
        for (Column<R> column : columns) {
            names.append(' ').append(column.name().replace('_', ' ')).append(" |");
            rule.append(column.format() == null ? "---|" : "--:|");
        }
        return names.append('\n').append(rule).append('\n').toString();
    }

    /// A line of all columns.
    public String markdownRow(R row) {
        var text = new StringBuilder("|");
        for (Column<R> column : columns) {
            Object value = cell(column, row);
            text.append(' ').append(value == null ? "" : column.format() == null ? plain(value.toString())
                    : String.format(Locale.ROOT, column.format(), value)).append(" |");
        }
        return text.append('\n').toString();
    }

    /// Text that leaves the table as it is: a file's name may hold anything.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("|", "\\|");
    }

    /// RFC 4180 with a header; what was not measured is empty.
    public String csv() {
        return csvHead() + rows.stream().map(this::csvRow).collect(Collectors.joining());
    }

    /// The header alone.
    public String csvHead() {
        return csv(columns.stream().map(Column::name));
    }

    /// A line of it.
    public String csvRow(R row) {
        return csv(columns.stream().map(column -> cell(column, row)));
    }

    private static String csv(Stream<?> cells) {
        return CSVFormat.DEFAULT.format(cells.toArray()) + CSVFormat.DEFAULT.getRecordSeparator();
    }

    /// The rows as objects whose names are the columns', without what was not measured.
    public List<Map<String, Object>> objects() {
        return rows.stream().map(this::object).toList();
    }

    /// One of them.
    public Map<String, Object> object(R row) {
        Map<String, Object> object = new LinkedHashMap<>();
        columns.forEach(column -> {
            Object value = cell(column, row);
            if (value != null) {
                object.put(column.name(), value);
            }
        });
        return object;
    }

    /// What was not measured, and an end that an interval does not have, is null; JSON has neither NaN nor infinity.
    private static <R> Object cell(Column<R> column, R row) {
        Object value = column.field().apply(row);
        return value instanceof Double number && !Double.isFinite(number) ? null : value;
    }
}
