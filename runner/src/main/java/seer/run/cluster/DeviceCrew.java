package seer.run.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import seer.eval.Samples;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;
import seer.gate.Lessons;
import seer.gate.train.GradientSource;
import seer.model.LanguageModel;

/// This process and others of the same machine, each with the model open on a device of its own.
///
/// ```text
///   this process, first device        <--items, weights--   what is shared out
///   companion, second device          --samples, sums-->    and put together in the order of one process
///   companion, third device
/// ```
/// A process for each, because TornadoVM's CUDA backend has one context in a process, on one device.
public final class DeviceCrew implements Crew {
    private final List<Companion> companions = new ArrayList<>();
    private final int threads;
    private Library library; // null before this process has joined
    private OrderDesk own; // the same
    private DeviceGradients training; // the last, null before one begins

    private DeviceCrew(int members) {
        this.threads = Math.max(1, Runtime.getRuntime().availableProcessors() / members);
    }

    /// No others.
    public static DeviceCrew alone() {
        return new DeviceCrew(1);
    }

    /// Starts the others, which open the model while this process does.
    ///
    /// @param place  without a checksum: all have to come to the same
    /// @param others devices beside that of this process
    public static DeviceCrew start(ModelPlace place, List<String> others) {
        var crew = new DeviceCrew(others.size() + 1);
        try {
            others.forEach(device -> crew.companions.add(Companion.start(place, device, crew.threads)));
            return crew;
        } catch (RuntimeException e) {
            crew.close();
            throw e;
        }
    }

    /// Joins them: work can be shared from now on. Those that are not ready yet take it up when they are, and then
    /// refuse it in a sentence if they have another model, or are on another kind of device.
    ///
    /// @param library of the model that this process has open
    public void join(Library library) {
        LanguageModel model = library.model();
        var first = Companion.Opened.of(model.sha256(), model.backend().info());
        companions.forEach(companion -> companion.expect(first));
        this.library = library;
        own = new OrderDesk(library, threads);
    }

    /// Has the others read texts and make prompts, while this process does.
    ///
    /// @param tasks      whose items are to be measured
    /// @param contenders with which
    public void prepare(List<TaskSpec> tasks, List<ContenderSpec> contenders) {
        var order = new Order.Prepare(tasks.stream().map(TaskSpec::text).toList(),
                contenders.stream().map(ContenderSpec::text).toList());
        companions.forEach(companion -> companion.tell(order));
    }

    /// Devices, that of this process counted.
    public int size() {
        return companions.size() + 1;
    }

    @Override
    public DeviceMeasurer measurer(Library library, Samples samples, Consumer<Samples> each) {
        return new DeviceMeasurer(own, companions, library, samples, each, () -> { });
    }

    /// A measurer of samples that nobody looks at before all are there.
    ///
    /// @param read told after every prompt
    public DeviceMeasurer measurer(Library library, Samples samples, Runnable read) {
        return new DeviceMeasurer(own, companions, library, samples, _ -> { }, read);
    }

    /// Reads documents, each where a device is free.
    ///
    /// @param count of the documents
    /// @param gate  folder of the gates
    /// @param done  told of each, when it is read
    /// @return what each device did
    public List<Shift> read(Iterator<Document> documents, int count, Reading reading, Path gate,
                            BiConsumer<Document, DocumentDesk.Read> done) {
        try (var prompts = new Prompts(documents, reading, library.model(), size(), done)) {
            return new Handout<>(prompts, count, prompt -> new Order.Read(reading, gate.toString(), prompt.tokens(),
                    prompt.milliseconds()), (prompt, read) -> done.accept(prompt.document(),
                    (DocumentDesk.Read) read)).run(own, companions);
        }
    }

    /// Lessons that heads are weighed by.
    public Lessons lessons(LessonsJob job) {
        return new DeviceLessons(own, companions, job);
    }

    @Override
    public GradientSource gradients(TrainingJob job) {
        training = new DeviceGradients(own, companions, job);
        return training;
    }

    /// What each device did of the last training, step by step.
    public List<Shift> shifts() {
        return training == null ? List.of() : training.shifts();
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
        companions.forEach(Companion::close);
    }
}
