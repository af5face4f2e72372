package seer.run.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Work that devices share: whoever is done takes the next piece.
///
/// @param <T> a piece of it
final class Handout<T> {
    private final Iterator<T> work;
    private final int count;
    private final Function<T, Order> order;
    private final BiConsumer<T, Object> done;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private int few; // left to hand out: then nobody is given one to wait for
    private int taken;

    /// @param work  asked by one thread at a time
    /// @param count pieces that it has, at most
    /// @param order of a piece
    /// @param done  told the pieces and what came of them, by one thread at a time
    Handout(Iterator<T> work, int count, Function<T, Order> order, BiConsumer<T, Object> done) {
        this.work = work;
        this.count = count;
        this.order = order;
        this.done = done;
    }

    /// Hands out all of it, and waits until it is done, or somebody has failed.
    ///
    /// @param own of this process, at work on this thread
    /// @return what each did, this process first
    List<Shift> run(OrderDesk own, List<Companion> companions) {
        few = 2 * (companions.size() + 1);
        var first = new Member.Own<T>(own, _ -> 1);
        var others = companions.stream().map(companion -> new Member.Other<T>(companion, _ -> 1)).toList();
        order(first); // so that what results tell of this process is there, however little work there is
        var threads = new ArrayList<Thread>();
        for (var other : others) {
            threads.add(Thread.ofPlatform().daemon().name("seer " + other.device()).start(() -> serve(other)));
        }
        serve(first);
        threads.forEach(Handout::join);
        if (failure.get() != null) {
            throw Rethrown.of(failure.get());
        }
        return Stream.concat(Stream.of(first), others.stream()).map(Member::shift).toList();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices are at work", e);
        }
    }

    private void serve(Member<T> member) {
        try {
            for (order(member); member.isBusy(); order(member)) {
                T piece = member.next();
                var value = member.answered();
                synchronized (done) {
                    done.accept(piece, value);
                }
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    /// Gives a member a piece, and more than one where it can be told ahead and many are left.
    private void order(Member<T> member) {
        while (member.takesMore()) {
            T piece = take(!member.isBusy());
            if (piece == null) {
                return;
            }
            member.ask(piece, order.apply(piece));
        }
    }

    private synchronized T take(boolean idle) {
        if (failure.get() != null || taken >= count - (idle ? 0 : few) || !work.hasNext()) {
            return null;
        }
        taken++;
        return work.next();
    }
}
