package seer.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import seer.model.load.JsonLine;
import seer.run.cluster.Answer;
import seer.run.cluster.DocumentFaults;

/// The answer to documents without a name: where they stand, and what is wrong there.
///
/// Rows are the columns that come along, the file's address, and either the beginning of the block and the line, or the
/// number of the row in its file and nothing.
///
/// @param id   column of the names
/// @param kept columns that come along
record Nameless(String id, int kept, SerializableConfiguration configuration) implements Serializable {

    /// The name, which there is none of, the columns that come along, and the answer.
    Iterator<Row> answered(Iterator<Row> rows) {
        var numbers = new LineNumbers(configuration.value());
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) _ -> close(numbers));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return answered(rows.next(), numbers);
            }
        };
    }

    private Row answered(Row row, LineNumbers numbers) {
        var values = new Object[kept + 2];
        for (int i = 0; i < kept; i++) {
            values[i + 1] = row.get(i);
        }
        values[kept + 1] = AnswerRow.of(Answer.failed(sentence(row, numbers)));
        return RowFactory.create(values);
    }

    private String sentence(Row row, LineNumbers numbers) {
        var path = new Path(URI.create(row.getString(kept)));
        String file = Locations.shown(row.getString(kept));
        long place = row.getLong(kept + 1);
        if (row.isNullAt(kept + 2)) {
            return file + ": row " + (place + 1) + ", column " + id + ": wanted a name, got null";
        }
        byte[] line = row.getAs(kept + 2);
        try {
            return DocumentFaults.nameless(file, numbers.of(path, place, line),
                    JsonLine.faultOf(new String(line, StandardCharsets.UTF_8)), id);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void close(LineNumbers numbers) {
        try {
            numbers.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
