package seer.spark;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import seer.run.cluster.Reading;

/// The work of a task of [SeerPrefill]: reads the documents of its rows one after the other.
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
        var answered = new AnsweredRows(rows, isText, new DocumentReader(lease.engine(), reading, figures));
        task.addTaskCompletionListener((TaskCompletionListener) done -> answered.end());
        return answered;
    }
}
