package seer.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.model.LanguageModel;
import seer.model.Session;
import seer.model.text.Tokenizer;

/// The whole comparison: every contender in every task at every length.
///
/// @param document what perplexity, recall and the haystacks are made of
/// @param windows  of the document for perplexity
/// @param prompts  of each family
/// @param recalls  windows for recall
/// @param seed     of the first prompt; the others follow
public record Experiment(LanguageModel model, Lineup lineup, List<Integer> lengths, Document document, int windows,
                         List<Family> families, int keys, int prompts, int recalls, long seed) {

    /// The tasks at one length.
    public List<EvalTask> tasks(int length) {
        var tasks = new ArrayList<EvalTask>();
        if (windows > 0) {
            tasks.add(new PerplexityTask(List.of(document), length, length, windows));
        }
        if (recalls > 0) {
            tasks.add(AttentionTask.of(Measure.RECALL, document, length, recalls));
        }
        if (prompts > 0) {
            var generator = new PromptGenerator(model.tokenizer(), document.tokens());
            families.forEach(family -> tasks.add(retrieval(generator, family, keys, length, prompts, seed,
                    RetrievalTask.Scoring.FORCED, model.tokenizer())));
        }
        return tasks;
    }

    /// Prompts of one family with seeds in a row.
    public static RetrievalTask retrieval(PromptGenerator generator, Family family, int keys, int length, int prompts,
                                          long seed, RetrievalTask.Scoring scoring,
                                          Tokenizer tokenizer) {
        String name = family.name().toLowerCase(Locale.ROOT) + (family == Family.SINGLE ? "" : " " + keys);
        var seeds = LongStream.range(seed, seed + prompts).boxed().toList();
        return new RetrievalTask(name, length, seeds.stream().map(each -> "seed " + each).toList(),
                seeds.stream().map(each -> generator.generate(family, keys, length, each)).toList(), scoring,
                tokenizer);
    }

    /// Measures what is missing, shorter lengths first.
    public void run(Study study) {
        for (int length : lengths) {
            List<Contender> contenders;
            try (var sessions = new Lazy(model, length, lineup.wholePrompt())) {
                contenders = lineup.at(length, study.samples(), sessions::open);
            }
            tasks(length).forEach(task -> study.run(task, contenders));
        }
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
                session = model.session(length, whole ? length : Session.DEFAULT_CHUNK);
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
