package seer.run.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.eval.plan.TaskSpec;

/// Measures items side by side: whoever is done takes the next, long ones first, so that no device is left alone with
/// one at the end. Samples are merged in the order of the items, as one process has them.
public final class DeviceMeasurer implements Measurer {
    private final OrderDesk own;
    private final List<Companion> companions;
    private final Library library;
    private final Samples samples;
    private final Consumer<Samples> each;
    private final Runnable read;
    private List<Shift> shifts = List.of();

    /// @param each told after every part that was merged
    /// @param read told of every item that was read, merged or not
    DeviceMeasurer(OrderDesk own, List<Companion> companions, Library library, Samples samples,
                   Consumer<Samples> each, Runnable read) {
        this.own = own;
        this.companions = companions;
        this.library = library;
        this.samples = samples;
        this.each = each;
        this.read = read;
    }

    @Override
    public void measure(List<TaskSpec> tasks, List<ContenderSpec> contenders) {
        var items = Item.missing(tasks, contenders, library, samples);
        if (items.isEmpty()) {
            return;
        }
        var round = new Round(items, longestFirst(items));
        var first = new Member.Own(own);
        var others = companions.stream().map(Member.Other::new).toList();
        round.order(first); // so that what results tell of this process is there, however few items there are
        var threads = new ArrayList<Thread>();
        for (var other : others) {
            threads.add(Thread.ofPlatform().daemon().name("seer " + other.device()).start(() -> round.serve(other)));
        }
        round.serve(first);
        threads.forEach(DeviceMeasurer::join);
        round.requireWhole();
        shifts = Stream.concat(Stream.of(first), others.stream()).map(Member::shift).toList();
    }

    /// What each device did of the last measurement.
    public List<Shift> shifts() {
        return shifts;
    }

    /// Places of the items, those of long tasks before those of short ones.
    private List<Integer> longestFirst(List<Item> items) {
        var tokens = items.stream().map(Item::task).distinct()
                .collect(Collectors.toMap(task -> task, task -> library.task(TaskSpec.parse(task)).tokens()));
        return IntStream.range(0, items.size()).boxed()
                .sorted(Comparator.comparing(place -> -tokens.get(items.get(place).task()))).toList();
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
        private final List<Integer> places; // of the items, as they are handed out
        private final int few; // left to hand out: then nobody is given one to wait for
        private final Map<Integer, Map<SampleKey, Sample>> waiting = new TreeMap<>(); // for those of items before
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private int taken;
        private int merged;

        Round(List<Item> items, List<Integer> places) {
            this.items = items;
            this.places = places;
            this.few = 2 * (companions.size() + 1);
        }

        /// Measures until there is nothing more, or somebody has failed.
        void serve(Member member) {
            try {
                for (order(member); member.isBusy(); order(member)) {
                    merge(member.place(), member.measured());
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }

        /// Asks a member for an item, and for more than one where it can be told ahead and many are left.
        void order(Member member) {
            while (member.takesMore()) {
                int next = take(!member.isBusy());
                if (next < 0) {
                    return;
                }
                member.ask(next, items.get(next));
            }
        }

        private synchronized int take(boolean idle) {
            return failure.get() == null && taken < places.size() - (idle ? 0 : few) ? places.get(taken++) : -1;
        }

        private synchronized void merge(int place, Map<SampleKey, Sample> measured) {
            read.run();
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
