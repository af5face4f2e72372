package seer.run.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToIntFunction;
import seer.run.cluster.Companion.Answered;

/// One of those who share work: what it was asked for, and how long that takes it. Used by one thread.
///
/// @param <T> a piece of the work
abstract sealed class Member<T> {
    private static final double SECONDS = 1e-9;

    private final String device;
    private final int most;
    private final ToIntFunction<T> size;
    private final Deque<T> asked = new ArrayDeque<>();
    private final long start = System.nanoTime();
    private long first;
    private final List<Shift.Piece> done = new ArrayList<>();

    /// @param most pieces that it may be asked for at a time
    /// @param size of a piece: how much of what is read it is
    private Member(String device, int most, ToIntFunction<T> size) {
        this.device = device;
        this.most = most;
        this.size = size;
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
        if (done.isEmpty()) {
            first = System.nanoTime();
        }
        done.add(new Shift.Piece(size.applyAsInt(asked.remove()), answer.waited(), answer.worked()));
        return answer.value();
    }

    Shift shift() {
        return Shift.of(device, (first - start) * SECONDS, done);
    }

    /// This process.
    static final class Own<T> extends Member<T> {
        private final OrderDesk desk;
        private Order next;
        private long end = System.nanoTime();

        Own(OrderDesk desk, ToIntFunction<T> size) {
            super("the first device", 1, size);
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

        Other(Companion companion, ToIntFunction<T> size) {
            super("device " + companion.device(), 2, size);
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
