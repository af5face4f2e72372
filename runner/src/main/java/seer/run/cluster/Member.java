package seer.run.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.run.cluster.Companion.Answer;

/// One of a crew while it measures: what it was asked for, and how long that takes it. Used by one thread.
abstract sealed class Member {
    private static final double SECONDS = 1e-9;

    private final String device;
    private final int most;
    private final Deque<Integer> asked = new ArrayDeque<>(); // places of the items
    private final long start = System.nanoTime();
    private long first;
    private long last;
    private long working; // since the first
    private int read;

    /// @param most items that it may be asked for at a time
    private Member(String device, int most) {
        this.device = device;
        this.most = most;
    }

    String device() {
        return device;
    }

    /// Whether it was asked for something that it has not answered.
    boolean isBusy() {
        return !asked.isEmpty();
    }

    boolean takesMore() {
        return asked.size() < most;
    }

    /// Asks for the item of a place.
    final void ask(int place, Item item) {
        ask(item);
        asked.add(place);
    }

    abstract void ask(Item item);

    abstract Answer answer();

    /// Place of the item that it answers next.
    int place() {
        return asked.element();
    }

    /// Waits for the samples of that item.
    @SuppressWarnings("unchecked") // what this order gives
    Map<SampleKey, Sample> measured() {
        var answer = answer();
        asked.remove();
        last = System.nanoTime();
        if (read++ == 0) {
            first = last;
        } else {
            working += answer.nanos();
        }
        return (Map<SampleKey, Sample>) answer.value();
    }

    Shift shift() {
        return new Shift(device, read, (first - start) * SECONDS, (last - first) * SECONDS, working * SECONDS);
    }

    /// This process.
    static final class Own extends Member {
        private final OrderDesk desk;
        private Item next;

        Own(OrderDesk desk) {
            super("the first device", 1);
            this.desk = desk;
        }

        @Override
        void ask(Item item) {
            next = item;
        }

        @Override
        Answer answer() {
            long start = System.nanoTime();
            var measured = desk.done(new Order.Measure(next));
            return new Answer(measured, null, System.nanoTime() - start);
        }
    }

    /// Another process: it has the next item at hand when it is done with one.
    static final class Other extends Member {
        private final Companion companion;

        Other(Companion companion) {
            super("device " + companion.device(), 2);
            this.companion = companion;
        }

        @Override
        void ask(Item item) {
            companion.ask(new Order.Measure(item));
        }

        @Override
        Answer answer() {
            return companion.answer();
        }
    }
}
