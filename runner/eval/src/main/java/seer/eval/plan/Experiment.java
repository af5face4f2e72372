package seer.eval.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import seer.eval.Calibration;
import seer.eval.Measure;
import seer.eval.RetrievalTask;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.Study;
import seer.gate.prompt.Family;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;

/// The whole comparison: every contender in every task at every length.
///
/// @param document    what perplexity, recall and the haystacks are made of
/// @param calibration text to calibrate on; null takes the last window of the document, where nothing else reads it
/// @param windows     of the document for perplexity
/// @param prompts     of each family
/// @param recalls     windows for recall
/// @param seed        of the first prompt; the others follow
public record Experiment(Lineup lineup, List<Integer> lengths, TextSpec document, TextSpec calibration, int windows,
                         List<Family> families, int keys, int prompts, int recalls, long seed) {

    /// The tasks at one length.
    public List<TaskSpec> tasks(int length) {
        var tasks = new ArrayList<TaskSpec>();
        if (windows > 0) {
            tasks.add(new TaskSpec.Perplexity(List.of(document), length, length, windows));
        }
        if (recalls > 0) {
            tasks.add(new TaskSpec.Attention(Measure.RECALL, document, length, recalls));
        }
        if (prompts > 0) {
            families.forEach(family -> tasks.add(new TaskSpec.Retrieval(List.of(document), family, keys, length,
                    prompts, seed, RetrievalTask.Scoring.FORCED)));
        }
        return tasks;
    }

    /// The contenders at one length; the settings found are kept in `samples` and found there again.
    public List<ContenderSpec> contenders(int length, Samples samples, Library library) {
        try (var sessions = new Lazy(library.model(), length, lineup.wholePrompt())) {
            return lineup.at((method, density, forced, label) ->
                    calibrated(method, density, new At(length, forced, label), samples, library, sessions));
        }
    }

    /// Measures what is missing, shorter lengths first.
    public void run(Study study, Library library) {
        run(study.samples(), library, (tasks, contenders) -> {
            var opened = contenders.stream().map(each -> each.open(library)).toList();
            tasks.stream().map(task -> task.open(library)).toList().forEach(task -> study.run(task, opened));
        });
    }

    /// The same by another measurer; settings that reach a density are found here.
    ///
    /// @param samples that the measurer adds to
    public void run(Samples samples, Library library, Measurer measurer) {
        for (int length : lengths) {
            measurer.measure(tasks(length), contenders(length, samples, library));
        }
    }

    /// Where a setting is sought.
    private record At(int length, ForcedBlocks forced, String label) { }

    private double calibrated(Method method, double density, At at, Samples samples, Library library,
                              Lazy sessions) {
        String text = (calibration == null ? document : calibration).name();
        var key = new SampleKey(Measure.CALIBRATION, text, at.length(), at.label(), at.forced().denseLastRows(),
                method.criterion());
        if (samples.get(key) == null) {
            var prompts = prompts(at.length(), library);
            double wanted = Calibration.density(sessions.open(), prompts,
                    selector(ContenderSpec.of(at.label(), method.top(density), at.forced(), lineup.gate()), library));
            var found = Calibration.find(sessions.open(), prompts, method.by(), wanted, value -> selector(
                    ContenderSpec.of(at.label(), method.at(value), at.forced(), lineup.gate()), library));
            samples.put(key, new Sample(found.value(), 1, found.density(), Double.NaN, Double.NaN, Double.NaN,
                    Map.of()));
        }
        return samples.get(key).value();
    }

    private static BlockSelector selector(ContenderSpec contender, Library library) {
        return contender.open(library).selector();
    }

    /// The window at the end of the text is used by nothing else, if the text is long enough.
    private List<int[]> prompts(int length, Library library) {
        if (calibration != null) {
            return Calibration.windows(library.document(calibration).tokens(), length, 1);
        }
        int[] tokens = library.document(document).tokens();
        int from = tokens.length - length;
        if (from < Math.max(windows, recalls) * (long) length) {
            throw new IllegalArgumentException(document.name() + " has " + tokens.length
                    + " tokens, which leaves none to calibrate on beside " + Math.max(windows, recalls)
                    + " windows of " + length + ": name another text with --calibrate-on");
        }
        return List.of(Arrays.copyOfRange(tokens, from, from + length));
    }

    /// A session that is opened when it is asked for.
    private static final class Lazy implements AutoCloseable {
        private final LanguageModel model;
        private final int length;
        private final boolean whole; // whether a prompt has to be read in one chunk
        private Session session;

        Lazy(LanguageModel model, int length, boolean whole) {
            this.model = model;
            this.length = length;
            this.whole = whole;
        }

        Session open() {
            if (session == null) {
                session = model.session(length, whole ? length : Session.usualChunk(model.backend()));
            }
            return session;
        }

        @Override
        public void close() {
            if (session != null) {
                session.close();
            }
        }
    }
}
