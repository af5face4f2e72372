package seer.eval;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.Session;

/// Measures tasks with contenders, leaving out what is measured already.
///
/// The contenders alternate at every prompt, so that a machine whose clock drifts treats them alike, and the
/// differences between them are over the same prompts.
public final class Study {
    private final LanguageModel model;
    private final Samples samples;
    private final Consumer<Progress> listener;
    private final Set<String> warm = new HashSet<>();

    /// How far one task has come.
    ///
    /// @param done  samples of the task measured or found
    /// @param total samples of the task
    public record Progress(EvalTask task, int done, int total) { }

    /// @param samples  takes what is measured; what it holds is not measured again
    /// @param listener told after every prompt
    public Study(LanguageModel model, Samples samples, Consumer<Progress> listener) {
        this.model = model;
        this.samples = samples;
        this.listener = listener;
    }

    public Samples samples() {
        return samples;
    }

    /// Measures what is missing of `task`.
    public void run(EvalTask task, List<Contender> contenders) {
        run(task, contenders, IntStream.range(0, task.items().size()).boxed().toList());
    }

    /// Measures what is missing of some of its items.
    ///
    /// @param items by their places in the task
    public void run(EvalTask task, List<Contender> contenders, List<Integer> items) {
        int total = items.size() * contenders.size();
        int done = 0;
        Session session = null;
        try {
            for (int item : items) {
                for (Contender contender : contenders) {
                    var key = key(task, contender.label(), contender.denseLastRows(), item);
                    if (samples.get(key) == null) {
                        session = session == null ? session(task, contenders) : session;
                        warmUp(session, contender.selector());
                        samples.put(key, task.measure(session, item, contender.selector()));
                    }
                    done++;
                }
                listener.accept(new Progress(task, done, total));
            }
        } finally {
            if (session != null) {
                session.close();
            }
        }
    }

    /// The key of a sample.
    ///
    /// @param item its place in the task
    public static SampleKey key(EvalTask task, String label, int denseLastRows, int item) {
        return new SampleKey(task.measure(), task.name(), task.tokens(), label, denseLastRows, task.items().get(item));
    }

    private Session session(EvalTask task, List<Contender> contenders) {
        boolean whole = contenders.stream().anyMatch(contender -> contender.selector().wholePrompt());
        return model.session(task.capacity(), whole ? task.capacity() : Session.usualChunk(model.backend()));
    }

    /// The first prefill of a selector runs code that is not compiled yet: its times would be of another machine.
    private void warmUp(Session session, BlockSelector selector) {
        if (warm.add(method(selector.label()))) {
            var tokens = new int[WarmUp.most(session.capacity())];
            Arrays.setAll(tokens, i -> i % model.config().vocabulary());
            WarmUp.run(model, session, tokens, selector);
        }
    }

    /// What a label is without its setting.
    static String method(String label) {
        int end = label.indexOf('=');
        return end < 0 ? label : label.substring(0, end);
    }
}
