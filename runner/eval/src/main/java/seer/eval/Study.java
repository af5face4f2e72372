package seer.eval;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
        var opened = new Session[1];
        try {
            run(task, contenders, items, () -> {
                opened[0] = opened[0] == null ? room(task, contenders).open(model) : opened[0];
                return opened[0];
            });
        } finally {
            if (opened[0] != null) {
                opened[0].close();
            }
        }
    }

    /// The same in a session of the caller's.
    ///
    /// @param items   by their places in the task
    /// @param session asked for where something is missing; has the [#room] that the task takes
    public void run(EvalTask task, List<Contender> contenders, List<Integer> items, Supplier<Session> session) {
        int total = items.size() * contenders.size();
        int done = 0;
        for (int item : items) {
            for (Contender contender : contenders) {
                var key = key(task, contender.label(), contender.denseLastRows(), item);
                if (samples.get(key) == null) {
                    warmUp(session.get(), contender.selector());
                    samples.put(key, task.measure(session.get(), item, contender.selector()));
                }
                done++;
            }
            listener.accept(new Progress(task, done, total));
        }
    }

    /// The key of a sample.
    ///
    /// @param item its place in the task
    public static SampleKey key(EvalTask task, String label, int denseLastRows, int item) {
        return new SampleKey(task.measure(), task.name(), task.tokens(), label, denseLastRows, task.items().get(item));
    }

    /// What a session for a task has to have.
    ///
    /// @param capacity tokens
    /// @param chunk    tokens that pass through the layers together
    public record Room(int capacity, int chunk) {
        /// A session of this size.
        public Session open(LanguageModel model) {
            return model.session(capacity, chunk);
        }
    }

    /// The room that a task takes with these contenders.
    public Room room(EvalTask task, List<Contender> contenders) {
        boolean whole = contenders.stream().anyMatch(contender -> contender.selector().wholePrompt());
        return new Room(task.capacity(), whole ? task.capacity() : model.backend().chunk());
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
