package seer.run.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.eval.plan.TaskSpec;

/// Measures items side by side: whoever is done takes the next. Samples are merged in the order of the items, as one
/// process has them.
final class DeviceMeasurer implements Measurer {
    private final OrderDesk own;
    private final List<Companion> companions;
    private final Library library;
    private final Samples samples;
    private final Consumer<Samples> each;

    DeviceMeasurer(OrderDesk own, List<Companion> companions, Library library, Samples samples,
                   Consumer<Samples> each) {
        this.own = own;
        this.companions = companions;
        this.library = library;
        this.samples = samples;
        this.each = each;
    }

    @Override
    public void measure(List<TaskSpec> tasks, List<ContenderSpec> contenders) {
        var items = Item.missing(tasks, contenders, library, samples);
        if (items.isEmpty()) {
            return;
        }
        var round = new Round(items);
        var threads = new ArrayList<Thread>();
        for (Companion companion : companions) {
            threads.add(Thread.ofPlatform().daemon().name("seer " + companion.device())
                    .start(() -> round.measure(companion::done)));
        }
        round.measure(0, own::done); // so that what results tell of this process is there, however few items there are
        round.measure(own::done);
        threads.forEach(DeviceMeasurer::join);
        round.requireWhole();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while devices measure", e);
        }
    }

    /// Items on their way.
    private final class Round {
        private final List<Item> items;
        private final Map<Integer, Map<SampleKey, Sample>> waiting = new TreeMap<>(); // for those of items before
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private int taken = 1; // the first is for this process
        private int merged;

        Round(List<Item> items) {
            this.items = items;
        }

        /// Measures until there is nothing more, or somebody has failed.
        void measure(Function<Order, Object> done) {
            for (int next = take(); next >= 0; next = take()) {
                measure(next, done);
            }
        }

        private synchronized int take() {
            return failure.get() == null && taken < items.size() ? taken++ : -1;
        }

        void measure(int place, Function<Order, Object> done) {
            try {
                @SuppressWarnings("unchecked") // what this order gives
                var measured = (Map<SampleKey, Sample>) done.apply(new Order.Measure(items.get(place)));
                merge(place, measured);
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }

        private synchronized void merge(int place, Map<SampleKey, Sample> measured) {
            waiting.put(place, measured);
            while (waiting.containsKey(merged)) {
                var part = new Samples();
                waiting.remove(merged++).forEach(part::put);
                samples.merge(part);
                each.accept(samples);
            }
        }

        void requireWhole() {
            switch (failure.get()) {
                case null -> { }
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
