package seer.eval.longbench;

import java.util.Arrays;
import java.util.List;
import seer.eval.EvalTask;
import seer.eval.Measure;
import seer.eval.Sample;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.Session;
import seer.model.text.Tokenizer;

/// One LongBench dataset: prompts cut in the middle to the context, answers generated greedily.
///
/// @param name   what its rows are called, such as `qasper_e` for the records of LongBench-E
/// @param tokens most tokens of a prompt, the room of its answer not counted
public record LongBenchTask(String name, Dataset dataset, List<Example> examples, int tokens, Tokenizer tokenizer)
        implements EvalTask {

    public LongBenchTask {
        if (examples.isEmpty() || tokens < 1) {
            throw new IllegalArgumentException(name + " has " + examples.size() + " records of " + tokens
                    + " tokens, wanted at least one of at least one token");
        }
    }

    @Override
    public Measure measure() {
        return Measure.LONGBENCH;
    }

    @Override
    public int capacity() {
        return (int) Math.min((long) tokens + dataset.answerTokens(), Integer.MAX_VALUE);
    }

    @Override
    public List<String> items() {
        return examples.stream().map(Example::id).toList();
    }

    @Override
    public Sample measure(Session session, int item, BlockSelector selector) {
        var example = examples.get(item);
        int[] prompt = cut(tokenizer.encodeOrdinary(dataset.prompt(example)), tokens);
        var report = session.prefill(PrefillRequest.of(prompt, selector));
        String answer = tokenizer.decode(session.generate(dataset.answerTokens(), Sampling.GREEDY, token -> { }));
        return Sample.of(dataset.score(answer, example), report);
    }

    /// The first and the last half of `limit` tokens: LongBench cuts in the middle, as the question stands at the end
    /// and instructions at the beginning.
    static int[] cut(int[] tokens, int limit) {
        if (tokens.length <= limit) {
            return tokens;
        }
        int[] cut = Arrays.copyOf(tokens, limit);
        int tail = limit - limit / 2;
        System.arraycopy(tokens, tokens.length - tail, cut, limit / 2, tail);
        return cut;
    }
}
