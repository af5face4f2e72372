package seer.langchain4j;

import java.util.List;
import seer.model.ReplyListener;

/// A reply up to the first stop sequence. What may yet turn out to begin one is held back.
final class StoppedText implements ReplyListener {
    private final List<String> stops;
    private final ReplyListener next;
    private final StringBuilder all = new StringBuilder();
    private int passed; // characters of it that the next one was told
    private boolean stopped;

    StoppedText(List<String> stops, ReplyListener next) {
        this.stops = stops;
        this.next = next;
    }

    @Override
    public void text(String part) {
        if (stopped) {
            return;
        }
        int from = all.length();
        all.append(part);
        int end = stops.stream().mapToInt(stop -> all.indexOf(stop, Math.max(0, from - stop.length() + 1)))
                .filter(at -> at >= 0).min().orElse(-1);
        stopped = end >= 0;
        if (stopped) {
            all.setLength(end);
        }
        pass(stopped ? end : all.length() - undecided());
    }

    /// Characters at the end that begin a stop sequence, at most.
    private int undecided() {
        int most = 0;
        for (String stop : stops) {
            int length = Math.min(stop.length() - 1, all.length());
            while (length > most && !stop.startsWith(all.substring(all.length() - length))) {
                length--;
            }
            most = Math.max(most, length);
        }
        return most;
    }

    private void pass(int end) {
        if (end > passed) {
            int start = passed;
            passed = end;
            next.text(all.substring(start, end));
        }
    }

    /// There is no more.
    void finish() {
        pass(all.length());
    }

    boolean isStopped() {
        return stopped;
    }

    String text() {
        return all.toString();
    }

    @Override
    public boolean cancelled() {
        return stopped || next.cancelled();
    }
}
