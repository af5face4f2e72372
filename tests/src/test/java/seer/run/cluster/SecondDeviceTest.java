package seer.run.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import seer.eval.Sample;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;
import seer.eval.plan.TextSpec;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.Demo;
import seer.support.OnTornadoVm;

/// Two devices of one driver; PoCL shows two with `POCL_DEVICES="pthread pthread"`.
@OnTornadoVm
class SecondDeviceTest {
    private static final String SECOND = "0:1";

    @Test
    void theSecondDeviceMeasuresWhatTheFirstDoes() {
        assumeTrue(Backends.tornadoDevices().stream().anyMatch(device -> device.id().equals(SECOND)),
                "TornadoVM's first driver has one device here");
        System.setProperty("tornado.recover.bailout", "False");
        var place = new ModelPlace(Demo.MODEL.toString(), null, null, "tornado", 1, "f32");
        var task = new TaskSpec.Perplexity(List.of(TextSpec.of(Demo.MODEL.resolve("thursday.txt"))), 128, 128, 1);
        var item = new Order.Measure(new Item(task.text(), List.of(ContenderSpec.dense().text()), 0));
        try (var companion = Companion.start(place, SECOND, 1); var backend = Backends.tornado();
                var model = LanguageModel.open(Demo.MODEL, backend);
                var library = new Library(model, EvalWorker::text); var own = new OrderDesk(library, 1)) {
            assertEquals(Companion.Opened.of(model.sha256(), backend.info()), companion.opened());
            assertEquals(values(own.done(item)), values(companion.done(item)));
        }
    }

    /// It finds the compiler's extension by itself: else it would wait for each graph.
    @Test
    void aProcessThatIsToldThePrecisionComputesAsOneThatChoosesIt() {
        System.setProperty("tornado.recover.bailout", "False");
        var place = new ModelPlace(Demo.MODEL.toString(), null, null, "tornado", 1, "f32");
        boolean waits = Backends.tensorCoreObstacle().isPresent(); // asked where a precision is chosen
        try (var companion = Companion.start(place, "", 1); var backend = Backends.tornado();
                var model = LanguageModel.open(Demo.MODEL, backend)) {
            var opened = companion.opened();
            assertEquals(Companion.Opened.of(model.sha256(), backend.info()), opened);
            assertEquals(waits, opened.detail().endsWith("each graph waited for"), opened.detail());
        }
    }

    private static List<Double> values(Object measured) {
        return ((Map<?, ?>) measured).values().stream().map(sample -> ((Sample) sample).value()).toList();
    }
}
