package seer.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import seer.eval.Contender;
import seer.eval.EvalTask;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;

/// What an executor keeps of an evaluation: its study, whose contenders are warm, and the tasks that were opened. On
/// the engine's thread alone.
final class EvalWorker implements AutoCloseable {
    private final Library library;
    private final Samples samples = new Samples();
    private final Study study;
    private final Map<String, EvalTask> tasks = new HashMap<>();

    EvalWorker(OpenModel model) {
        this.library = new Library(model.model(), Engine::text);
        this.study = new Study(model.model(), samples, progress -> { });
    }

    /// Measures one item with some contenders.
    ///
    /// @param task       as [TaskSpec#text] writes it
    /// @param contenders as [ContenderSpec#text] writes them
    Map<SampleKey, Sample> measure(String task, List<String> contenders, int item) {
        var opened = tasks.computeIfAbsent(task, text -> TaskSpec.parse(text).open(library));
        List<Contender> all = contenders.stream().map(text -> ContenderSpec.parse(text).open(library)).toList();
        study.run(opened, all, List.of(item));
        var measured = new HashMap<SampleKey, Sample>();
        for (Contender contender : all) {
            var key = Study.key(opened, contender.label(), contender.denseLastRows(), item);
            measured.put(key, samples.get(key));
        }
        return measured;
    }

    @Override
    public void close() {
        library.close();
    }
}
