package seer.eval.plan;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import seer.eval.Document;
import seer.eval.EvalTask;
import seer.eval.PromptFile;
import seer.gate.AttnGate;
import seer.gate.prompt.PromptGenerator;
import seer.model.LanguageModel;

/// The texts, prompts, tasks and gates that specifications name, for one model: read when they are first asked for, and
/// once.
/// The gates close with it, the model does not.
public final class Library implements AutoCloseable {
    private final LanguageModel model;
    private final Function<Path, String> reader;
    private final Map<TextSpec, Document> documents = new HashMap<>();
    private final Map<List<TextSpec>, PromptGenerator> generators = new HashMap<>();
    private final Map<Path, List<PromptFile.Rows>> prompts = new HashMap<>();
    private final Map<TaskSpec, EvalTask> tasks = new HashMap<>();
    private final Map<Path, AttnGate> gates = new HashMap<>();

    /// @param reader gives the text of a file
    public Library(LanguageModel model, Function<Path, String> reader) {
        this.model = model;
        this.reader = reader;
    }

    /// What reads the texts and passes through the gates.
    public LanguageModel model() {
        return model;
    }

    /// A text, encoded.
    public Document document(TextSpec text) {
        return documents.computeIfAbsent(text, each -> {
            int[] tokens = model.tokenizer().encode(reader.apply(each.file()));
            return new Document(each.name(), each.most() < tokens.length ? Arrays.copyOf(tokens, each.most()) : tokens);
        });
    }

    /// Makes prompts that hide facts in these texts.
    public PromptGenerator generator(List<TextSpec> texts) {
        return generators.computeIfAbsent(texts, each -> new PromptGenerator(model.tokenizer(),
                each.stream().flatMapToInt(text -> Arrays.stream(document(text).tokens())).toArray()));
    }

    /// Prompts kept as token ids.
    public List<PromptFile.Rows> prompts(Path file) {
        return prompts.computeIfAbsent(file, each -> PromptFile.read(each, model.config().vocabulary()));
    }

    /// A task with its prompts.
    public EvalTask task(TaskSpec spec) {
        return tasks.computeIfAbsent(spec, each -> each.open(this));
    }

    /// The gates of an adapter's folder.
    public AttnGate gate(Path folder) {
        return gates.computeIfAbsent(folder.toAbsolutePath(), each -> AttnGate.open(folder, model));
    }

    /// The same if somebody asked for them, else null.
    public AttnGate opened(Path folder) {
        return gates.get(folder.toAbsolutePath());
    }

    @Override
    public void close() {
        gates.values().forEach(AttnGate::close);
    }
}
