package seer.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.eval.plan.TaskSpec;
import seer.run.cluster.EvalWorker;
import seer.run.cluster.Item;

/// Measures tasks on executors, a Spark task for each prompt or window: all contenders that have no sample there take
/// turns at it, as in one process. Samples are merged as they arrive, so what was measured before a run was cut off is
/// there for the next.
final class SparkMeasurer implements Measurer {
    private final JavaSparkContext context;
    private final Place place;
    private final Library library;
    private final Samples samples;
    private final Consumer<Samples> each;
    private final String run = UUID.randomUUID().toString();

    SparkMeasurer(JavaSparkContext context, Place place, Library library, Samples samples, Consumer<Samples> each) {
        this.context = context;
        this.place = place;
        this.library = library;
        this.samples = samples;
        this.each = each;
    }

    /// What one Spark task measures.
    private record Unit(Place place, String run, Item item) implements Serializable {

        Measured measured() throws InterruptedException {
            try (var lease = Engines.lease(place, TaskContext.get())) {
                var engine = lease.engine();
                return new Measured(engine.call(() -> engine.attached(run, model -> new EvalWorker(model.library()))
                        .measure(item)));
            }
        }
    }

    private record Measured(Map<SampleKey, Sample> samples) implements Serializable { }

    @Override
    public void measure(List<TaskSpec> tasks, List<ContenderSpec> contenders) {
        var units = Item.missing(tasks, contenders, library, samples).stream()
                .map(item -> new Unit(place, run, item)).toList();
        if (units.isEmpty()) {
            return;
        }
        var measured = context.parallelize(units, units.size()).map(Unit::measured);
        ClassTag<Measured> tag = ClassTag$.MODULE$.apply(Measured.class);
        try {
            context.sc().runJob(measured.rdd(), new Only(), new Arrival(), tag);
        } catch (Exception e) { // Spark's are not declared
            throw Faults.ofJob(e);
        }
    }

    /// The one result of a partition.
    private static final class Only extends AbstractFunction1<Iterator<Measured>, Measured> implements Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Measured apply(Iterator<Measured> results) {
            return results.next();
        }
    }

    /// What the driver does with it, one after the other.
    private final class Arrival extends AbstractFunction2<Object, Measured, BoxedUnit> {
        @Override
        public BoxedUnit apply(Object partition, Measured measured) {
            var part = new Samples();
            measured.samples().forEach(part::put);
            samples.merge(part);
            each.accept(samples);
            return BoxedUnit.UNIT;
        }
    }
}
