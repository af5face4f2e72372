package seer.run.cluster;

import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Stream;
import seer.eval.plan.Library;
import seer.gate.HeadLessons;
import seer.gate.Lessons;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.Session;

/// What a process keeps of a weighing of heads: its session, and what dense attention made of the lessons. On the
/// model's thread alone.
final class LessonWorker implements AutoCloseable {
    private final Session session;
    private final HeadLessons lessons;

    /// @param library stays open
    LessonWorker(Library library, LessonsJob job) {
        int longest = Collections.max(Stream.concat(job.windows().stream(),
                job.prompts().stream().map(RetrievalPrompt::tokens)).map(tokens -> tokens.length).toList());
        session = library.model().session(longest, longest);
        lessons = new HeadLessons(library.gate(Path.of(job.gate())), session, job.windows(), job.prompts(),
                job.goal(), job.aim());
    }

    Lessons.Weight weigh(Lessons.Piece piece) {
        return lessons.weigh(piece);
    }

    @Override
    public void close() {
        session.close();
    }
}
