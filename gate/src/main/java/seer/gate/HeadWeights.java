package seer.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import seer.gate.course.TrainingSequence;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// What a head's attention is worth to the model: by how much it reads worse for each part of a row's probability that
/// this head leaves out, while all others are dense.
///
/// With one threshold for all heads a block is kept by its probability alone, wherever it is. Where heads differ in
/// worth, a threshold divided by it keeps blocks of equal loss instead: the same number of blocks, put to better use.
///
/// @param values of each head, layer by layer; their geometric mean is 1
public record HeadWeights(List<Double> values) {
    /// No head is worth more, or less, than so many times the mean one: what is measured on some sequences is no more
    /// than an estimate, and a head that these do not need may be there for others.
    private static final double MOST = 4;
    /// Weight of the tokens of an answer: the loss of a fact is many times that of a word of prose.
    private static final double ANSWER = 0.1;

    public HeadWeights {
        values = List.copyOf(values);
    }

    /// All alike.
    static HeadWeights equal(int heads) {
        return new HeadWeights(Collections.nCopies(heads, 1.0));
    }

    /// Measures them.
    ///
    /// @param sequences text, whose every token counts, or prompts, of which the answer does
    /// @param heads     of a layer
    /// @param threshold that leaves out what is measured
    /// @param keepFirst whether every row keeps the first block
    public static HeadWeights measure(AttnGate gate, Session session, List<TrainingSequence> sequences, int heads,
                                      double threshold, boolean keepFirst, DoubleConsumer progress) {
        int layers = gate.layers();
        var forced = new ForcedBlocks(0, keepFirst);
        var loss = new double[layers * heads];
        var left = new double[layers * heads];
        for (int s = 0; s < sequences.size(); s++) {
            var sequence = sequences.get(s);
            var all = Collections.<SelectionRule>nCopies(layers, new SelectionRule.TopBlocks(1));
            double whole = loss(session, sequence, new ProbedSelector(gate, all, keepFirst, (layer, probabilities) -> {
                for (int head = 0; head < heads; head++) {
                    left[layer * heads + head] += below(probabilities[head], (float) threshold);
                }
            }));
            for (int head = 0; head < loss.length; head++) {
                var rules = rules(gate, heads, head, threshold);
                var selector = new GateSelector(gate, "gate:probed", _ -> rules, forced);
                loss[head] += loss(session, sequence, selector) - whole;
                progress.accept((s + (head + 1.0) / loss.length) / sequences.size());
            }
        }
        return of(loss, left);
    }

    /// From what all sequences together lost, and what was left out of them.
    static HeadWeights of(double[] loss, double[] left) {
        double[] worth = IntStream.range(0, loss.length)
                .mapToDouble(head -> left[head] > 0 ? Math.max(0, loss[head]) / left[head] : 0).toArray();
        double[] positive = DoubleStream.of(worth).filter(value -> value > 0).sorted().toArray();
        double median = positive.length == 0 ? 1 : positive[positive.length / 2];
        double[] held = DoubleStream.of(worth).map(value -> Math.clamp(value / median, 1 / MOST, MOST)).toArray();
        double mean = Math.exp(DoubleStream.of(held).map(Math::log).average().orElse(0));
        return new HeadWeights(DoubleStream.of(held).map(value -> value / mean).boxed().toList());
    }

    private static double below(float[] probabilities, float threshold) {
        double sum = 0;
        for (float p : probabilities) {
            sum += p > threshold ? 0 : p;
        }
        return sum;
    }

    /// A threshold for one head; the others of its layer keep whatever has a probability, other layers everything.
    ///
    /// @param sparse layer by layer
    private static List<SelectionRule> rules(AttnGate gate, int heads, int sparse, double threshold) {
        var rules = new ArrayList<SelectionRule>(Collections.nCopies(gate.layers(), new SelectionRule.TopBlocks(1)));
        var own = new Float[heads];
        Arrays.fill(own, 0f);
        own[sparse % heads] = (float) threshold;
        rules.set(sparse / heads, new SelectionRule.Threshold(List.of(own), gate.config().activation()));
        return rules;
    }

    private static double loss(Session session, TrainingSequence sequence, BlockSelector selector) {
        var scores = session.prefill(PrefillRequest.of(sequence.tokens(), selector).scored(-1)).scores();
        int last = sequence.length() - 1; // its successor is not known
        boolean text = sequence.answer() >= sequence.length();
        int from = text ? 0 : sequence.answer() - 1;
        return scores.nats(from, last) / (last - from) * (text ? 1 : ANSWER);
    }
}
