package seer.run;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Records as one aligned table; columns that no record fills are left out.
final class Table<R> {
    private static final int WIDEST = 72;

    private final List<R> rows;
    private final List<ColumnData<R>> columns = new ArrayList<>();

    Table(List<R> rows) {
        this.rows = rows;
    }

    /// A column of numbers, right-aligned.
    Table<R> number(String name, String format, Function<R, Double> field) {
        return add(name, HorizontalAlign.RIGHT, row -> {
            Double value = field.apply(row);
            return value == null ? null : String.format(Locale.ROOT, format, value);
        });
    }

    /// A column of names, whole whatever their length.
    Table<R> text(String name, Function<R, String> field) {
        return add(name, HorizontalAlign.LEFT, row -> {
            String value = field.apply(row);
            return value == null ? null : oneLine(value);
        });
    }

    /// A column of what a model said: its beginning, so that a line stays a line.
    Table<R> words(String name, Function<R, String> field) {
        return add(name, HorizontalAlign.LEFT, row -> {
            String value = field.apply(row);
            return value == null ? null : cut(oneLine(value));
        });
    }

    @Override
    public String toString() {
        return AsciiTable.getTable(AsciiTable.NO_BORDERS, rows, columns).lines().map(String::stripTrailing)
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private Table<R> add(String name, HorizontalAlign align, Function<R, String> cell) {
        if (rows.stream().anyMatch(row -> cell.apply(row) != null)) {
            columns.add(new Column().header(name).headerAlign(align).dataAlign(align).maxWidth(Integer.MAX_VALUE)
                    .with(row -> cell.apply(row) == null ? "-" : cell.apply(row)));
        }
        return this;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static String cut(String line) {
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST - 3) + "...";
    }
}
