package seer.run.cluster;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import seer.gate.train.Phase;
import seer.model.backend.BackendInfo;

/// Another process of this machine, with the class path and the options of this one, that has the same model open on a
/// device of its own: [CompanionProcess].
///
/// Orders go to its standard input, answers come from its third descriptor, both with a [Tray] beside, and what it says
/// on the two in between is passed on: native code writes there too. It ends when its standard input does, however this
/// process ends.
final class Companion implements AutoCloseable {
    private static final String INCUBATING = "WARNING: Using incubator modules: ";
    /// Options of this JVM that are its own.
    private static final List<String> OWN = List.of("-Dseer.stderr=", "-Dseer.terminal=", "-agentlib:", "-javaagent:");
    private static final int PATIENCE = 20; // seconds, for it to end by itself

    private final String device;
    private final Process process;
    private final Tray orderTray;
    private final Tray answerTray;
    private final ObjectOutputStream orders;
    private final ExecutorService sender;
    private final Thread messages;
    private ObjectInputStream answers; // null before it answers
    private Opened wanted; // until it has answered that it is; null before that is known, and afterwards
    private int told; // orders whose answers nobody waits for
    private volatile String lastWords = "";

    /// What it is told first.
    ///
    /// @param device  that it takes; empty where its backend has but one
    /// @param threads of the host for the gates' own step
    record Opening(ModelPlace place, String device, int threads) implements Serializable { }

    /// What it answers to that.
    record Opened(String sha256, String backend, String device, String detail) implements Serializable {
        static Opened of(String sha256, BackendInfo info) {
            return new Opened(sha256, info.backend(), info.device(), info.detail());
        }
    }

    /// What it answers.
    ///
    /// @param fault  why it could not, in one sentence; null where it could
    /// @param waited nanoseconds since the answer before
    /// @param worked nanoseconds at work
    record Answered(Object value, String fault, long waited, long worked) implements Serializable { }

    private Companion(String device, Process process, Tray orderTray, Tray answerTray) throws IOException {
        this.device = device;
        this.process = process;
        this.orderTray = orderTray;
        this.answerTray = answerTray;
        this.messages = Thread.ofPlatform().daemon().name("seer messages of " + device).start(this::passOn);
        this.sender = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("seer orders for " + device).factory());
        this.orders = Parcels.sender(process.getOutputStream(), orderTray);
    }

    /// Starts it; it opens the model while this process goes on.
    static Companion start(ModelPlace place, String device, int threads) {
        var words = new ArrayList<>(List.of("sh", "-c", "exec 3>&1 1>&2; exec \"$0\" \"$@\"",
                System.getProperty("java.home") + "/bin/java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> OWN.stream().noneMatch(option::startsWith)).forEach(words::add);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), CompanionProcess.class.getName()));
        try {
            var orderTray = Tray.made();
            var answerTray = Tray.made();
            words.addAll(List.of(orderTray.file().toString(), answerTray.file().toString()));
            var builder = new ProcessBuilder(words);
            builder.environment(); // as this process found it, before it took a device
            var companion = new Companion(device, builder.start(), orderTray, answerTray);
            companion.send(new Opening(place, device, threads));
            return companion;
        } catch (IOException e) {
            throw new UncheckedIOException("no process for device " + device + " can be started: " + e.getMessage(), e);
        }
    }

    private void passOn() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith(INCUBATING) && !line.isBlank()) {
                    lastWords = line.strip();
                    System.err.println(line);
                }
            }
        } catch (IOException e) {
            lastWords = e.getMessage();
        }
    }

    String device() {
        return device;
    }

    /// Waits until it has opened the model.
    Opened opened() {
        return (Opened) read().value();
    }

    /// Has what it opens compared with this before its first answer to an order: nobody waits for it until then.
    void expect(Opened first) {
        wanted = first;
    }

    /// Does what was asked for there, and waits.
    Object done(Order order) {
        ask(order);
        return answer().value();
    }

    /// Asks for something while it may be at work on what it was asked for before; each is to be answered for.
    ///
    /// Nobody waits for it to be read, as its reader may be waiting for us to read: pipes are short. Where it cannot be
    /// sent, no answer comes.
    void ask(Order order) {
        sender.execute(() -> {
            try {
                send(order);
            } catch (IOException _) { // whoever waits for the answer says it
                process.destroy();
            }
        });
    }

    /// The same for what nothing comes back of: the answer to what is asked for next is waited for in its place.
    void tell(Order order) {
        ask(order);
        told++;
    }

    /// Waits for the answer to the first order that was not answered.
    ///
    /// @throws IllegalStateException if it could not, or has another model or kind of device than was expected
    Answered answer() {
        if (wanted != null) {
            var first = wanted;
            wanted = null;
            var opened = opened();
            if (!opened.equals(first)) {
                throw new IllegalStateException("device " + device + " has " + opened + ", wanted " + first
                        + " as on the first: results would depend on who computed them");
            }
        }
        for (; told > 0; told--) {
            read();
        }
        return read();
    }

    private void send(Object order) throws IOException {
        var phase = Phase.begin();
        orders.writeObject(order);
        orders.reset(); // weights are the same arrays with other numbers in them, from step to step
        orders.flush();
        phase.end("order sent");
    }

    private Answered read() {
        try {
            if (answers == null) {
                answers = Parcels.receiver(process.getInputStream(), answerTray);
            }
            var phase = Phase.begin();
            var answer = (Answered) answers.readObject();
            phase.end("answer received");
            if (answer.fault() != null) {
                throw new IllegalStateException("device " + device + ": " + answer.fault());
            }
            return answer;
        } catch (IOException e) {
            throw lost(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the process for device " + device + " answers what nobody knows: "
                    + e.getMessage(), e);
        }
    }

    private RuntimeException lost(IOException cause) {
        try {
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                return new UncheckedIOException("the process for device " + device + " does not answer: "
                        + cause.getMessage(), cause);
            }
            messages.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return new UncheckedIOException("the process for device " + device + " ended with exit code "
                + process.exitValue() + (lastWords.isEmpty() ? "" : ", its last words: " + lastWords),
                cause instanceof EOFException ? cause : new IOException(cause));
    }

    @Override
    public void close() {
        sender.shutdown();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException _) { // it has ended
            process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        orderTray.close();
        answerTray.close();
    }
}
