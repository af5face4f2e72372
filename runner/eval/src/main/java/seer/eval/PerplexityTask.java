package seer.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;

/// How well documents are predicted, window by window, each read afresh from position 0 (as PG19 is measured).
///
/// Windows begin `stride` tokens apart. The first of a document is scored whole, the others in their last `stride`
/// tokens, which nobody scored before; a stride as long as the window makes them independent.
public final class PerplexityTask implements EvalTask {
    private final String name;
    private final int length;
    private final int stride;
    private final List<Window> windows = new ArrayList<>();

    /// Where a window stands; its last `scored` tokens count.
    private record Window(Document document, int from, int scored) { }

    /// @param perDocument windows of each document, at most
    /// @throws IllegalArgumentException if no document has a window and the token after it
    public PerplexityTask(List<Document> documents, int length, int stride, int perDocument) {
        if (length < 1 || stride < 1 || stride > length || perDocument < 1) {
            throw new IllegalArgumentException("length is " + length + ", stride " + stride + ", windows "
                    + perDocument + ", wanted all at least 1 and the stride at most the length");
        }
        this.length = length;
        this.stride = stride;
        for (Document document : documents) {
            for (int w = 0; w < perDocument && (long) w * stride + length < document.tokens().length; w++) {
                windows.add(new Window(document, w * stride, w == 0 ? length : stride));
            }
        }
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("the longest text has "
                    + documents.stream().mapToInt(d -> d.tokens().length).max().orElse(0)
                    + " tokens, wanted at least one window of " + length + " and the token after it");
        }
        this.name = windows.stream().map(w -> w.document().name()).distinct().collect(Collectors.joining("+"))
                + (stride == length ? "" : " stride " + stride);
    }

    @Override
    public Measure measure() {
        return Measure.PERPLEXITY;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int tokens() {
        return length;
    }

    @Override
    public List<String> items() {
        return windows.stream().map(w -> w.document().name() + "@" + w.from()).toList();
    }

    @Override
    public Sample measure(Session session, int item, BlockSelector selector) {
        var window = windows.get(item);
        int[] tokens = window.document().tokens();
        int end = window.from() + length;
        var report = session.prefill(PrefillRequest.of(Arrays.copyOfRange(tokens, window.from(), end), selector)
                .scored(tokens[end]));
        double sum = report.scores().nats(length - window.scored(), length);
        return Sample.of(sum / window.scored(), window.scored(), report);
    }
}
