package seer.spark;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.apache.spark.util.LongAccumulator;
import seer.run.cluster.Answer;

/// What all documents of a transformation cost together, as Spark's accumulators: they are seen in its web pages, and
/// by [#values] while a job runs. A task that is repeated counts twice, as everything in a transformation does.
public final class Figures implements Serializable {
    private static final long serialVersionUID = 1L;

    private final LongAccumulator documents;
    private final LongAccumulator errors;
    private final LongAccumulator tokens;
    private final LongAccumulator blocks;
    private final LongAccumulator prefillMs;
    private final LongAccumulator attentionMs;
    private final LongAccumulator selectionMs;
    private final Reasons dense = new Reasons();

    Figures(SparkContext context) {
        documents = context.longAccumulator("seer documents");
        errors = context.longAccumulator("seer errors");
        tokens = context.longAccumulator("seer tokens");
        blocks = context.longAccumulator("seer visited blocks");
        prefillMs = context.longAccumulator("seer prefill ms");
        attentionMs = context.longAccumulator("seer attention ms");
        selectionMs = context.longAccumulator("seer selection ms");
        context.register(dense, "seer dense by reason");
    }

    void add(Answer answer) {
        documents.add(1);
        if (answer.error() != null) {
            errors.add(1);
        } else {
            tokens.add(answer.tokens());
            prefillMs.add(Math.round(answer.times().prefill()));
            attentionMs.add(Math.round(answer.times().attention()));
            selectionMs.add(Math.round(answer.times().selection()));
        }
    }

    /// @param reason for which a document was read dense; null if it was not
    void visited(long count, String reason) {
        blocks.add(count);
        if (reason != null) {
            dense.add(reason);
        }
    }

    /// Documents read so far, those with errors counted.
    public long documents() {
        return documents.sum();
    }

    /// All figures by name, with the documents that were read dense by their reason.
    public Map<String, Long> values() {
        var values = new TreeMap<String, Long>();
        values.put("documents", documents.sum());
        values.put("errors", errors.sum());
        values.put("tokens", tokens.sum());
        values.put("visited blocks", blocks.sum());
        values.put("prefill ms", prefillMs.sum());
        values.put("attention ms", attentionMs.sum());
        values.put("selection ms", selectionMs.sum());
        dense.value().forEach((reason, count) -> values.put("dense, " + reason, count));
        return values;
    }

    /// Counts by reason.
    static final class Reasons extends AccumulatorV2<String, Map<String, Long>> {
        private static final long serialVersionUID = 1L;

        private final ConcurrentHashMap<String, Long> counts = new ConcurrentHashMap<>();

        @Override
        public boolean isZero() {
            return counts.isEmpty();
        }

        @Override
        public Reasons copy() {
            var copy = new Reasons();
            copy.counts.putAll(counts);
            return copy;
        }

        @Override
        public void reset() {
            counts.clear();
        }

        @Override
        public void add(String reason) {
            counts.merge(reason, 1L, Long::sum);
        }

        @Override
        public void merge(AccumulatorV2<String, Map<String, Long>> other) {
            other.value().forEach((reason, count) -> counts.merge(reason, count, Long::sum));
        }

        @Override
        public Map<String, Long> value() {
            return Map.copyOf(counts);
        }
    }
}
