package seer.run.cluster;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
        var merging = new Merging();
        var places = longestFirst(items);
        shifts = new Handout<>(places.iterator(), places.size(), place -> new Order.Measure(items.get(place)),
                merging::take).run(own, companions);
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

    /// Samples on their way.
    private final class Merging {
        private final Map<Integer, Map<SampleKey, Sample>> waiting = new TreeMap<>(); // for those of items before
        private int merged;

        @SuppressWarnings("unchecked") // what this order gives
        void take(int place, Object measured) {
            read.run();
            waiting.put(place, (Map<SampleKey, Sample>) measured);
            while (waiting.containsKey(merged)) {
                var part = new Samples();
                waiting.remove(merged++).forEach(part::put);
                samples.merge(part);
                each.accept(samples);
            }
        }
    }
}
