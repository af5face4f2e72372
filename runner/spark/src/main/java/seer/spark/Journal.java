package seer.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;

/// Results as they come, a line of JSON each: a task's file is handed to the file system after every line, so that
/// whoever is killed leaves all lines but the one it was writing.
///
/// Spark's own writers show nothing of a job before its end. A file belongs to one attempt of one task; nothing is ever
/// appended to another's.
///
/// @param run of the driver, by which its files are told from those of runs before
record Journal(String folder, String run, SerializableConfiguration configuration) implements Serializable {
    private static final String SETTINGS = "settings";
    private static final String NAME = "%s-part-%06d-attempt-%d-%d.jsonl";

    /// Below the folder of the results.
    static Journal in(String output, String run, Configuration configuration) throws IOException {
        var folder = new Path(output, "_journal"); // which tasks ask for from other folders
        return new Journal(folder.getFileSystem(configuration).makeQualified(folder).toString(), run,
                new SerializableConfiguration(configuration));
    }

    /// Writes the lines of a task.
    void write(Iterator<String> lines) {
        try {
            write(lines, TaskContext.get());
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void write(Iterator<String> lines, TaskContext task) throws IOException {
        var file = new Path(folder, NAME.formatted(run, task.partitionId(), task.stageAttemptNumber(),
                task.attemptNumber()));
        FSDataOutputStream out = null;
        try {
            while (lines.hasNext()) {
                if (out == null) {
                    out = files().create(file, false);
                }
                out.write((lines.next() + "\n").getBytes(StandardCharsets.UTF_8));
                out.hflush();
            }
        } finally {
            if (out != null) {
                out.close();
            }
        }
    }

    /// Lines that earlier attempts of this task wrote, which it need not write again.
    List<String> earlier(TaskContext task) {
        if (task.attemptNumber() == 0 && task.stageAttemptNumber() == 0) {
            return List.of();
        }
        String prefix = "%s-part-%06d-".formatted(run, task.partitionId());
        var lines = new ArrayList<String>();
        try {
            for (FileStatus file : list()) {
                if (file.getPath().getName().startsWith(prefix)) {
                    lines.addAll(lines(file.getPath()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
        }
        return lines;
    }

    private List<String> lines(Path file) throws IOException {
        try (var in = files().open(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            return end < 0 ? List.of() : text.substring(0, end).lines().toList();
        }
    }

    /// Names of the files with lines, for Spark to read.
    Set<String> fileNames() throws IOException {
        var names = new HashSet<String>();
        for (FileStatus file : list()) {
            if (file.getPath().getName().endsWith(".jsonl") && file.getLen() > 0) {
                names.add(file.getPath().toString());
            }
        }
        return names;
    }

    /// Begins it, or goes on with what an earlier run left.
    ///
    /// @param output   as the user names it
    /// @param settings in words, of all that the results depend on
    /// @throws IllegalStateException if it was begun with others
    void begin(String output, String settings) throws IOException {
        var file = new Path(folder, SETTINGS);
        if (files().exists(file)) {
            try (var in = files().open(file)) {
                String was = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (!was.equals(settings)) {
                    throw new IllegalStateException(output + " was begun with " + was
                            + ", this run has " + settings + ": go on with the same settings, or name another output");
                }
            }
            return;
        }
        files().mkdirs(new Path(folder));
        try (var out = files().create(file, true)) {
            out.write(settings.getBytes(StandardCharsets.UTF_8));
        }
    }

    void delete() throws IOException {
        files().delete(new Path(folder), true);
    }

    private FileStatus[] list() throws IOException {
        return files().listStatus(new Path(folder));
    }

    /// A local file system with checksums would keep back what does not fill one of its blocks.
    private FileSystem files() throws IOException {
        var files = new Path(folder).getFileSystem(configuration.value());
        return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    }
}
