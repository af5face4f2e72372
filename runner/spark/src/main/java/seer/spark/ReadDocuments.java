package seer.spark;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import seer.run.cluster.Reading;

/// The work of a task of [SeerPrefill]: reads the documents of its rows one after the other, each when the next row is
/// asked for.
///
/// @param isText whether the last column of a row is text; else it is tokens
record ReadDocuments(Place place, Reading reading, Figures figures, boolean isText) implements Serializable {

    Iterator<Row> over(Iterator<Row> rows) throws InterruptedException {
        if (!rows.hasNext()) {
            return rows; // no model is opened for nothing
        }
        var task = TaskContext.get();
        var lease = Engines.lease(place, task);
        task.addTaskCompletionListener((TaskCompletionListener) done -> lease.close());
        var reader = new DocumentReader(lease.engine(), reading, figures);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                return answered(rows.next(), reader);
            }
        };
    }

    private Row answered(Row row, DocumentReader reader) {
        int last = row.size() - 1;
        try {
            var answer = isText ? reader.text(row.isNullAt(last) ? null : (byte[]) row.get(last))
                    : reader.tokens(row.isNullAt(last) ? null : numbers(row.getList(last)));
            var values = new Object[row.size()];
            for (int i = 0; i < last; i++) {
                values[i] = row.get(i);
            }
            values[last] = AnswerRow.of(answer);
            return RowFactory.create(values);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the task was ended", e);
        }
    }

    private static List<Number> numbers(List<Number> list) {
        return list;
    }
}
