package seer.run.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import seer.gate.AttnGate;
import seer.model.LanguageModel;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Session;

/// Reads prompts over and over, each test in a session of its own.
///
/// @param name     of the model, as rows say it
/// @param gate     asked for only by tests that need one
/// @param chunk    tokens that pass through the layers together
/// @param plan     of repetitions
/// @param measured repetitions in which kernels are measured, after the others
public record PrefillTrial(LanguageModel model, String name, Supplier<AttnGate> gate, int chunk, Timing.Plan plan,
                           int measured) {

    /// Measures one test.
    ///
    /// @param prompt as long as the test says
    public PrefillRow run(PrefillTest test, int[] prompt, DoubleConsumer progress) {
        var backend = model.backend();
        long compiled = backend.compileNanos();
        var request = PrefillRequest.of(prompt, test.selector(gate));
        try (Session session = model.session(prompt.length, chunk)) {
            long held = held(session, request);
            var reports = new ArrayList<PrefillReport>();
            var timing = Timing.of(plan, () -> {
                reports.add(session.prefill(request));
                return reports.getLast().totalNanos() * 1e-6;
            }, progress);
            var counted = reports.subList(reports.size() - plan.repetitions(), reports.size());
            double compiling = (backend.compileNanos() - compiled) * 1e-6;
            var kernels = KernelClock.mean(backend, measured, () -> session.prefill(request));
            return new PrefillRow(test, name, request.selector().label(), counted.getLast().layerDensity(),
                    session.cacheType(), timing, part(counted, PrefillReport::attentionNanos),
                    part(counted, PrefillReport::selectionNanos), compiling, kernels, held);
        }
    }

    private static Timing part(List<PrefillReport> reports, ToLongFunction<PrefillReport> nanos) {
        return new Timing(reports.stream().mapToDouble(report -> nanos.applyAsLong(report) * 1e-6).toArray());
    }

    /// Bytes of the device at most while the prompt is read once, which compiles the kernels too.
    private long held(Session session, PrefillRequest request) {
        var most = new AtomicLong();
        session.prefill(request.observedBy((view, mask, attention, logSumExp) ->
                most.accumulateAndGet(model.backend().heldBytes(), Math::max)));
        return most.get();
    }
}
