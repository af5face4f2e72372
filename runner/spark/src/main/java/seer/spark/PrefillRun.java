package seer.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import seer.gate.SelectorSpec;
import seer.model.load.JsonLine;
import seer.run.cluster.PrefillJob;
import seer.run.cluster.PrefillOutcome;

/// Documents of a folder, read into another: what an earlier run has read is not read again.
///
/// ```text
/// input --without those in the journal--> SeerPrefill --line by line--> journal --at the end--> output
/// ```
final class PrefillRun {
    /// The column of the results.
    static final String RESULT = "seer";
    private static final int WAVES = 4; // tasks for each that can run at a time

    private final SparkSession session;
    private final PrefillJob job;
    private final Journal journal;
    private final DocumentFiles files;
    private final SeerPrefill prefill = new SeerPrefill();
    private final int partitions;

    PrefillRun(SparkSession session, PrefillJob job) throws IOException {
        this.session = session;
        this.job = job;
        this.journal = Journal.in(job.output(), UUID.randomUUID().toString().substring(0, 8),
                session.sparkContext().hadoopConfiguration());
        requireUnfinished();
        this.files = new DocumentFiles(session, job);
        job.settings().forEach((name, value) -> prefill.set(prefill.getParam(name), value));
        prefill.setInputCol(job.column()).setOutputCol(RESULT);
        int asked = prefill.whole(prefill.partitions());
        this.partitions = asked > 0 ? asked : WAVES * session.sparkContext().defaultParallelism();
        prefill.setPartitions(0);
    }

    /// @param progress told the share of the documents that were read
    PrefillOutcome run(DoubleConsumer progress) throws IOException {
        Dataset<Row> all = files.documents();
        prefill.transformSchema(all.schema());
        Place place = prefill.checked(session);
        files.requireNames(all, outputType(all.schema()));
        journal.begin(job.output(), settings(place));
        Dataset<Row> named = all.filter(id(all).isNotNull());
        Dataset<Row> done = done(all.schema());
        var earlier = sums(done);
        long before = earlier.getLong(0);
        Dataset<Row> left = before == 0 ? named : named.join(done.select(id(done)),
                id(named).equalTo(id(done)), "left_anti");
        long count = left.count();
        long gone = before == 0 ? 0 : before - (named.count() - count);
        long started = System.nanoTime();
        read(left, count, progress);
        double seconds = (System.nanoTime() - started) * 1e-9;
        requireWhole(all.schema(), before + count);
        write(all);
        var sums = sums(session.read().schema(outputType(all.schema())).format(files.format()).load(job.output()));
        return new PrefillOutcome(sums.getLong(0), sums.getLong(1), before, gone,
                sums.getLong(2) - earlier.getLong(2), seconds, prefill.figures());
    }

    private Column id(Dataset<Row> documents) {
        return documents.col(Names.quoted(job.id()));
    }

    /// Every document has a line, or the output would lack it in silence.
    ///
    /// @param wanted results that there have to be
    private void requireWhole(StructType input, long wanted) throws IOException {
        long found = done(input).count();
        if (found < wanted) {
            throw new IllegalStateException("output " + job.output() + " has " + found + " of " + wanted + " results "
                    + "in its journal, wanted all: it has to be a folder that is the same on every machine");
        }
    }

    /// Documents, errors and tokens.
    private static Row sums(Dataset<Row> results) {
        return results.agg(functions.count("*"), functions.count(functions.col(RESULT + ".error")),
                functions.coalesce(functions.sum(RESULT + ".tokens"), functions.lit(0L))).first();
    }

    private void requireUnfinished() throws IOException {
        var success = new Path(job.output(), "_SUCCESS");
        if (success.getFileSystem(session.sparkContext().hadoopConfiguration()).exists(success)) {
            throw new IllegalArgumentException("output " + job.output() + " holds a finished result, wanted a folder "
                    + "for a new one");
        }
    }

    /// All that results depend on, but for the documents.
    private String settings(Place place) {
        var settings = new TreeMap<String, Object>(job.settings());
        List.of("partitions", "threads", "model", "gate", "checksum", "backend").forEach(settings::remove);
        settings.put("weights", place.sha256());
        if (SelectorSpec.parse(job.settings().get("select").toString()).needsGate()) {
            settings.put("gates", place.gates());
        }
        settings.put("id", job.id());
        settings.put("column", job.column());
        settings.put("keep", job.keep());
        return settings.toString();
    }

    private void read(Dataset<Row> documents, long count, DoubleConsumer progress) {
        String[] columns = outputType(documents.schema()).fieldNames();
        var dealt = Dealing.by(documents, job.column(), partitions);
        var lines = journal; // not this object, which stays on the driver
        String id = job.id();
        var left = dealt.mapPartitions((MapPartitionsFunction<Row, Row>) rows -> unwritten(rows, lines, id),
                Encoders.row(dealt.schema()));
        var read = prefill.transform(left).select(Stream.of(columns).map(name ->
                functions.col(Names.quoted(name))).toArray(Column[]::new));
        try (var _ = Watch.over(() -> (double) prefill.documents() / Math.max(1, count), progress)) {
            read.toJSON().foreachPartition((ForeachPartitionFunction<String>) lines::write);
        }
    }

    /// What is left to a task that follows one that was lost.
    private static Iterator<Row> unwritten(Iterator<Row> rows, Journal journal, String id) {
        Set<String> written = names(journal, journal.earlier(TaskContext.get()), id);
        if (written.isEmpty()) {
            return rows;
        }
        var left = new ArrayList<Row>();
        rows.forEachRemaining(row -> {
            Object name = row.getAs(id);
            if (!written.contains(String.valueOf(name))) {
                left.add(row);
            }
        });
        return left.iterator();
    }

    private static Set<String> names(Journal journal, List<String> lines, String id) {
        var names = new HashSet<String>();
        for (String line : lines) {
            var read = JsonLine.of(line);
            if (read.fault() != null) {
                throw new IllegalStateException(journal.folder() + ": a line of an earlier attempt" + read.fault());
            }
            names.add(read.object().path(id).asText());
        }
        return names;
    }

    /// What the journal holds, each document once. A line that was being written when its writer was killed is none.
    private Dataset<Row> done(StructType input) throws IOException {
        var names = journal.fileNames();
        StructType type = outputType(input);
        if (names.isEmpty()) {
            return session.createDataFrame(List.<Row>of(), type);
        }
        return session.read().schema(type).option("mode", "DROPMALFORMED").json(names.toArray(String[]::new))
                .filter(functions.col(Names.quoted(job.id())).isNotNull().and(functions.col(RESULT).isNotNull()))
                .dropDuplicates(new String[] {job.id()});
    }

    private StructType outputType(StructType input) {
        var fields = new ArrayList<StructField>();
        fields.add(input.apply(job.id()));
        job.keep().forEach(name -> fields.add(input.apply(name)));
        return new StructType(fields.toArray(StructField[]::new)).add(RESULT, AnswerRow.TYPE);
    }

    /// Makes the results of the journal, and removes it.
    private void write(Dataset<Row> all) throws IOException {
        removeUnfinished();
        String id = Names.quoted(job.id());
        done(all.schema()).union(files.nameless(outputType(all.schema())))
                .repartitionByRange(session.sparkContext().defaultParallelism(), functions.col(id))
                .sortWithinPartitions(id).write().format(files.format()).mode(SaveMode.Append).save(job.output());
        journal.delete();
    }

    /// What a run left that was killed while it made the results.
    private void removeUnfinished() throws IOException {
        var output = new Path(job.output());
        var system = output.getFileSystem(session.sparkContext().hadoopConfiguration());
        for (FileStatus file : system.listStatus(output)) {
            if (file.getPath().getName().startsWith("part-")) {
                system.delete(file.getPath(), false);
            }
        }
    }
}
