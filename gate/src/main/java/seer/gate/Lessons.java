package seer.gate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import seer.gate.HeadSearch.Reading;
import seer.gate.HeadSearch.Trial;

/// Texts and prompts that a [HeadSearch] reads, one by one, whoever reads them.
public interface Lessons extends HeadSearch.Reader {

    /// One to be read.
    ///
    /// @param logs   logarithms of the thresholds, head by head
    /// @param lesson a text, or a prompt: they come behind the texts
    record Piece(double[] logs, int lesson) implements Serializable { }

    /// What came of it.
    ///
    /// @param off     nats per token that count: of a prompt its answer's
    /// @param body    of a prompt those of the text that it is hidden in; of a text the same again
    /// @param density share of its causal blocks, all counted
    record Weight(double off, double body, double density) implements Serializable { }

    int texts();

    int prompts();

    /// What comes of the pieces, in their order.
    List<Weight> weigh(List<Piece> pieces, DoubleConsumer progress);

    @Override
    default Reading read(double[] logs) {
        return read(List.of(new Trial(logs, Trial.ALL)), share -> { }).getFirst();
    }

    /// Of the texts, which alone count: no prompt is read.
    @Override
    default double density(double[] logs) {
        var pieces = IntStream.range(0, texts()).mapToObj(text -> new Piece(logs, text)).toList();
        return weigh(pieces, share -> { }).stream().mapToDouble(Weight::density).average().orElse(0);
    }

    @Override
    default List<Reading> read(List<Trial> trials, DoubleConsumer progress) {
        var pieces = trials.stream().flatMap(trial -> lessons(trial.lot())
                .mapToObj(lesson -> new Piece(trial.logs(), lesson))).toList();
        var weights = weigh(pieces, progress).iterator();
        return trials.stream().map(trial -> reading(trial, weights)).toList();
    }

    /// Of a lot a prompt alone, whose own text counts as the text: for the price of one reading there are two.
    private IntStream lessons(int lot) {
        return lot == Trial.ALL ? IntStream.range(0, texts() + prompts())
                : IntStream.of(prompts() == 0 ? lot % texts() : texts() + lot % prompts());
    }

    private Reading reading(Trial trial, Iterator<Weight> weights) {
        var texts = new ArrayList<Weight>();
        var answers = new ArrayList<Weight>();
        lessons(trial.lot()).forEach(lesson -> (lesson < texts() ? texts : answers).add(weights.next()));
        var bodies = texts.isEmpty() ? answers : texts;
        return new Reading(trial.logs(), bodies.stream().mapToDouble(Weight::body).average().orElse(0),
                answers.stream().mapToDouble(Weight::off).average().orElse(0),
                bodies.stream().mapToDouble(Weight::density).average().orElse(0));
    }
}
