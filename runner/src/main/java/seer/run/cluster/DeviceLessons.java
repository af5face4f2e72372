package seer.run.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import seer.gate.Lessons;

/// Lessons that are read side by side: whoever is done takes the next.
final class DeviceLessons implements Lessons {
    private final OrderDesk own;
    private final List<Companion> companions;
    private final LessonsJob job;

    DeviceLessons(OrderDesk own, List<Companion> companions, LessonsJob job) {
        this.own = own;
        this.companions = companions;
        this.job = job;
        var order = new Order.Learn(job);
        companions.forEach(companion -> companion.tell(order));
        own.done(order);
    }

    @Override
    public int texts() {
        return job.windows().size();
    }

    @Override
    public int prompts() {
        return job.prompts().size();
    }

    @Override
    public List<Weight> weigh(List<Piece> pieces, DoubleConsumer progress) {
        var weights = new Weight[pieces.size()];
        var places = IntStream.range(0, weights.length).boxed().iterator();
        var read = new int[1];
        new Handout<>(places, weights.length, place -> new Order.Weigh(pieces.get(place)), (place, weight) -> {
            weights[place] = (Weight) weight;
            progress.accept((double) ++read[0] / weights.length);
        }).run(own, companions);
        return Arrays.asList(weights);
    }
}
