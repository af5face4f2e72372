package seer.run.cluster;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import seer.eval.plan.Library;
import seer.gate.train.Phase;
import seer.model.BackendChoice;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.run.cluster.Companion.Answered;
import seer.run.cluster.Companion.Opened;
import seer.run.cluster.Companion.Opening;

/// The other end of a [Companion]: opens a model on a device, obeys orders, and ends when no more can come.
public final class CompanionProcess {
    private static final String ANSWERS = "/dev/fd/3";
    private static final int PATIENCE = 20; // seconds, until the last answer is read

    private final ObjectInputStream orders;
    private final ObjectOutputStream answers;
    private final BlockingQueue<Optional<Order>> received = new LinkedBlockingQueue<>(); // empty at their end
    private final ExecutorService sender = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("seer answers").factory());
    private long end = System.nanoTime(); // of the last work

    private CompanionProcess(ObjectInputStream orders, ObjectOutputStream answers) {
        this.orders = orders;
        this.answers = answers;
    }

    /// Started by a [Companion], by nobody else.
    public static void main(String[] arguments) throws ClassNotFoundException, InterruptedException {
        var orderTray = tray(arguments[0]);
        var answerTray = tray(arguments[1]);
        try (var answers = Parcels.sender(new FileOutputStream(ANSWERS), answerTray)) {
            var orders = Parcels.receiver(new FileInputStream(FileDescriptor.in), orderTray);
            new CompanionProcess(orders, answers).run();
        } catch (IOException _) {
            // Whoever started it wants nothing more, or is not there any more.
        }
        System.exit(0); // whatever TornadoVM's threads are at
    }

    private static Tray tray(String file) {
        try {
            return Tray.taken(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException("the file by which processes share memory cannot be opened: " + e, e);
        }
    }

    private void run() throws IOException, ClassNotFoundException, InterruptedException {
        var opening = (Opening) orders.readObject();
        try (var backend = backend(opening);
                var model = LanguageModel.open(Path.of(opening.place().model()), backend);
                var library = new Library(model, EvalWorker::text);
                var desk = new OrderDesk(library, opening.threads())) {
            answer(new Answered(Opened.of(model.sha256(), backend.info()), null, 0, 0));
            Thread.ofPlatform().daemon().name("seer orders").start(this::receive);
            for (var order = received.take(); order.isPresent(); order = received.take()) {
                answer(done(desk, order.get()));
            }
        } catch (RuntimeException | Error e) {
            answer(new Answered(null, sentence(e), 0, 0));
        }
        sender.shutdown();
        sender.awaitTermination(PATIENCE, TimeUnit.SECONDS);
    }

    /// Takes orders while another is obeyed.
    private void receive() {
        try {
            var phase = Phase.begin();
            while (true) {
                var order = (Order) orders.readObject();
                phase.end("order received");
                received.add(Optional.of(order));
            }
        } catch (IOException | ClassNotFoundException _) { // no more can come
            received.add(Optional.empty());
        }
    }

    private Answered done(OrderDesk desk, Order order) {
        long start = System.nanoTime();
        long waited = start - end;
        try {
            var value = desk.done(order);
            end = System.nanoTime();
            return new Answered(value, null, waited, end - start);
        } catch (RuntimeException | Error e) {
            end = System.nanoTime();
            return new Answered(null, sentence(e), waited, end - start);
        }
    }

    /// Answers while the next order is obeyed.
    private void answer(Answered answer) {
        sender.execute(() -> {
            try {
                var phase = Phase.begin();
                answers.writeObject(answer);
                answers.reset();
                answers.flush();
                phase.end("answer sent");
            } catch (IOException _) { // whoever asked is not there any more, or would wait for ever
                System.exit(1);
            }
        });
    }

    private static Backend backend(Opening opening) {
        var place = opening.place();
        if (!opening.device().isEmpty()) {
            Backends.takeDevice(opening.device());
        }
        return new BackendChoice(BackendChoice.Kind.of(place.backend()), BackendChoice.Precision.of(place.precision()),
                place.threads())
                .open(() -> LanguageModel.suitsTensorCores(Path.of(place.model())));
    }

    private static String sentence(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
