package seer.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.Session;
import seer.model.text.Tokenizer;

/// The share of a prompt's values that the model finds.
///
/// @param tokens  length of the prompts
/// @param itemIds names of the prompts
/// @param scoring how an answer is judged
public record RetrievalTask(String name, int tokens, List<String> itemIds, List<RetrievalPrompt> prompts,
                            Scoring scoring, Tokenizer tokenizer) implements EvalTask {
    /// An answer may be this much longer than the right one before it is cut off.
    private static final int SLACK = 16;

    /// How an answer is judged.
    public enum Scoring {
        /// The prompt is read once together with its answer: a value counts if every token of its span is the
        /// likeliest after those before it.
        FORCED,
        /// The model continues the question greedily: a value counts if it stands in the continuation, whatever the
        /// case of its letters (RULER's string match).
        GENERATED
    }

    public RetrievalTask {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException(name + " has no prompts, wanted at least one");
        }
    }

    /// A task of these prompts, named by their place.
    public static RetrievalTask of(String name, List<RetrievalPrompt> prompts, Scoring scoring, Tokenizer tokenizer) {
        return new RetrievalTask(name, prompts.isEmpty() ? 0 : prompts.getFirst().tokens().length,
                IntStream.range(0, prompts.size()).mapToObj(i -> "prompt " + i).toList(), prompts, scoring, tokenizer);
    }

    /// Prompts of one family with seeds in a row.
    ///
    /// @param seed of the first
    public static RetrievalTask bySeed(PromptGenerator generator, Family family, int keys, int length, int prompts,
                                       long seed, Scoring scoring, Tokenizer tokenizer) {
        String name = family.name().toLowerCase(Locale.ROOT) + (family == Family.SINGLE ? "" : " " + keys);
        var seeds = LongStream.range(seed, seed + prompts).boxed().toList();
        return new RetrievalTask(name, length, seeds.stream().map(each -> "seed " + each).toList(),
                seeds.stream().map(each -> generator.generate(family, keys, length, each)).toList(), scoring,
                tokenizer);
    }

    @Override
    public Measure measure() {
        return Measure.RETRIEVAL;
    }

    @Override
    public int capacity() {
        return scoring == Scoring.FORCED ? tokens : (int) Math.min((long) tokens + SLACK, Integer.MAX_VALUE);
    }

    @Override
    public List<String> items() {
        return itemIds;
    }

    @Override
    public Sample measure(Session session, int item, BlockSelector selector) {
        var prompt = prompts.get(item);
        return scoring == Scoring.FORCED ? forced(session, prompt, selector) : generated(session, prompt, selector);
    }

    private static Sample forced(Session session, RetrievalPrompt prompt, BlockSelector selector) {
        var report = session.prefill(PrefillRequest.of(prompt.tokens(), selector).scored(-1));
        int[] best = report.scores().best();
        long found = prompt.spans().stream().filter(span -> IntStream.range(span[0], span[1])
                .allMatch(t -> best[t - 1] == prompt.tokens()[t])).count();
        return Sample.of((double) found / prompt.spans().size(), report);
    }

    private Sample generated(Session session, RetrievalPrompt prompt, BlockSelector selector) {
        int[] question = Arrays.copyOf(prompt.tokens(), prompt.answerStart());
        var report = session.prefill(PrefillRequest.of(question, selector));
        int limit = prompt.tokens().length - prompt.answerStart() + SLACK;
        String answer = tokenizer.decode(session.generate(limit, Sampling.GREEDY, token -> { }));
        return Sample.of(stringMatch(answer, prompt.values()), report);
    }

    /// RULER's score (`string_match_all`): the share of the values that stand in the answer.
    static double stringMatch(String answer, List<String> values) {
        String lower = answer.toLowerCase(Locale.ROOT);
        long found = values.stream().filter(value -> lower.contains(value.toLowerCase(Locale.ROOT))).count();
        return (double) found / values.size();
    }
}
