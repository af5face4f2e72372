package seer.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
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
        var filled = columns.stream().filter(column -> rows.stream().anyMatch(row -> cell(column, row) != null))
                .toList();
        var text = new StringBuilder("|");
        filled.forEach(column -> text.append(' ').append(column.name().replace('_', ' ')).append(" |"));
        text.append("\n|");
        filled.forEach(column -> text.append(column.format() == null ? "---|" : "--:|"));
        for (R row : rows) {
            text.append("\n|");
            for (Column<R> column : filled) {
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
        var text = new StringBuilder(format.format(columns.stream().map(Column::name).toArray()))
                .append(format.getRecordSeparator());
        rows.forEach(row -> text.append(format.format(columns.stream().map(column -> cell(column, row)).toArray()))
                .append(format.getRecordSeparator()));
        return text.toString();
    }

    /// The rows as objects whose names are the columns', without what was not measured.
    public List<Map<String, Object>> objects() {
        return rows.stream().map(row -> {
            Map<String, Object> object = new LinkedHashMap<>();
            columns.forEach(column -> {
                Object value = cell(column, row);
                if (value != null) {
                    object.put(column.name(), value);
                }
            });
            return object;
        }).toList();
    }

    /// What was not measured, and an end that an interval does not have, is null; JSON has neither NaN nor infinity.
    private static <R> Object cell(Column<R> column, R row) {
        Object value = column.field().apply(row);
        return value instanceof Double number && !Double.isFinite(number) ? null : value;
    }
}
