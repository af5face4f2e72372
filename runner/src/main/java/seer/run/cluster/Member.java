package seer.run.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import seer.run.cluster.Companion.Answered;

/// One of those who share work: what it was asked for, and how long that takes it. Used by one thread.
///
/// @param <T> a piece of the work
abstract sealed class Member<T> {
    private static final double SECONDS = 1e-9;

    private final String device;
    private final int most;
    private final Deque<T> asked = new ArrayDeque<>();
    private final long start = System.nanoTime();
    private long first;
    private long waiting; // since the first
    private final List<Long> working = new ArrayList<>(); // for each since the first
    private int read;

    /// @param most pieces that it may be asked for at a time
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

    /// Asks for a piece.
    final void ask(T piece, Order order) {
        ask(order);
        asked.add(piece);
    }

    abstract void ask(Order order);

    abstract Answered answer();

    /// The piece that it answers next.
    T next() {
        return asked.element();
    }

    /// Waits for what comes of it.
    Object answered() {
        var answer = answer();
        asked.remove();
        if (read++ == 0) {
            first = System.nanoTime();
        } else {
            waiting += answer.waited();
            working.add(answer.worked());
        }
        return answer.value();
    }

    Shift shift() {
        return new Shift(device, read, (first - start) * SECONDS, seconds(working),
                seconds(working.subList(working.size() - read / 2, working.size())), waiting * SECONDS);
    }

    private static double seconds(List<Long> nanos) {
        return nanos.stream().mapToLong(each -> each).sum() * SECONDS;
    }

    /// This process.
    static final class Own<T> extends Member<T> {
        private final OrderDesk desk;
        private Order next;
        private long end = System.nanoTime();

        Own(OrderDesk desk) {
            super("the first device", 1);
            this.desk = desk;
        }

        @Override
        void ask(Order order) {
            next = order;
        }

        @Override
        Answered answer() {
            long start = System.nanoTime();
            long waited = start - end;
            var value = desk.done(next);
            end = System.nanoTime();
            return new Answered(value, null, waited, end - start);
        }
    }

    /// Another process: it has the next piece at hand when it is done with one.
    static final class Other<T> extends Member<T> {
        private final Companion companion;

        Other(Companion companion) {
            super("device " + companion.device(), 2);
            this.companion = companion;
        }

        @Override
        void ask(Order order) {
            companion.ask(order);
        }

        @Override
        Answered answer() {
            return companion.answer();
        }
    }
}
