package seer.spark;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/// The rows of a task with their answers, in their order. The document of the next row is tokenized and handed to the
/// engine before the answer to a row is waited for, so that the engine goes on with it while the task writes the first.
final class AnsweredRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final boolean isText;
    private final DocumentReader reader;
    private Coming next; // null where no row was taken yet that was not given

    private record Coming(Row row, DocumentReader.Asked asked) { }

    /// @param isText whether the last column of a row is text; else it is tokens
    AnsweredRows(Iterator<Row> rows, boolean isText, DocumentReader reader) {
        this.rows = rows;
        this.isText = isText;
        this.reader = reader;
    }

    @Override
    public boolean hasNext() {
        return next != null || rows.hasNext();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var now = next == null ? asked(rows.next()) : next;
        next = null;
        try {
            next = rows.hasNext() ? asked(rows.next()) : null;
            return answered(now);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the task was ended", e);
        } finally {
            now.asked().forget(); // where it was not waited for
        }
    }

    private Coming asked(Row row) {
        int last = row.size() - 1;
        return new Coming(row, isText ? reader.text(row.isNullAt(last) ? null : (byte[]) row.get(last))
                : reader.tokens(row.isNullAt(last) ? null : numbers(row.getList(last))));
    }

    private static List<Number> numbers(List<Number> list) {
        return list;
    }

    private static Row answered(Coming coming) throws InterruptedException {
        Row row = coming.row();
        var values = new Object[row.size()];
        for (int i = 0; i < values.length - 1; i++) {
            values[i] = row.get(i);
        }
        values[values.length - 1] = AnswerRow.of(coming.asked().answer());
        return RowFactory.create(values);
    }

    /// The task ends: what it has asked for is not read if it is not being read yet.
    void end() {
        if (next != null) {
            next.asked().forget();
        }
    }
}
