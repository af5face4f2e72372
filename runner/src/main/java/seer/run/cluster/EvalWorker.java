package seer.run.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.eval.Contender;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;
import seer.model.Session;
import seer.model.load.FileTrouble;
import seer.model.load.Utf8Text;

/// What a process keeps of an evaluation: its study, whose contenders are warm, and the session of the last task. On
/// the thread of the library's model alone.
public final class EvalWorker implements AutoCloseable {
    private final Library library;
    private final Samples samples = new Samples();
    private final Study study;
    private Session session; // null before the first
    private Study.Room room; // of the session

    /// @param library stays open
    public EvalWorker(Library library) {
        this.library = library;
        this.study = new Study(library.model(), samples, progress -> { });
    }

    /// Measures one item with some contenders.
    public Map<SampleKey, Sample> measure(Item item) {
        var task = library.task(TaskSpec.parse(item.task()));
        List<Contender> all = item.contenders().stream().map(text -> ContenderSpec.parse(text).open(library)).toList();
        study.run(task, all, List.of(item.place()), () -> session(study.room(task, all)));
        var measured = new LinkedHashMap<SampleKey, Sample>();
        for (Contender contender : all) {
            var key = Study.key(task, contender.label(), contender.denseLastRows(), item.place());
            measured.put(key, samples.get(key));
        }
        return measured;
    }

    /// Reads texts, makes prompts and opens gates, so that they are there when the first item comes.
    ///
    /// @param tasks      as [TaskSpec#text] writes them
    /// @param contenders as [ContenderSpec#text] writes them
    void prepare(List<String> tasks, List<String> contenders) {
        tasks.forEach(task -> library.task(TaskSpec.parse(task)));
        contenders.forEach(contender -> ContenderSpec.parse(contender).open(library));
    }

    private Session session(Study.Room wanted) {
        if (!wanted.equals(room)) {
            close();
            session = wanted.open(library.model());
            room = wanted;
        }
        return session;
    }

    /// The text of a file, as the command line reads it.
    public static String text(Path file) {
        if (file.toString().equals("-")) {
            throw new IllegalArgumentException("standard input is read by one process alone, wanted a file in the "
                    + "place of -");
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            return Utf8Text.decode(bytes, wrong -> new IllegalArgumentException(file + " " + wrong));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + FileTrouble.reading(file, e), e);
        }
    }

    @Override
    public void close() {
        room = null;
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
