package seer.spark;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import seer.eval.plan.Library;
import seer.model.LanguageModel;
import seer.run.cluster.DocumentDesk;
import seer.run.cluster.Rethrown;

/// An open model of an executor's JVM, on one device, for all of its tasks.
///
/// A model is used by one thread at a time, and the backend spreads its work over the cores itself: so the engine has
/// one thread, and tasks hand it one document after the other. While it reads one, tasks tokenize the next.
final class Engine {
    private final Place place;
    private final String device;
    private final ExecutorService thread;
    private volatile OpenModel opened; // null where it could not be opened again
    private DocumentDesk desk; // null before it is asked for
    private AutoCloseable attached;
    private String attachedKey;

    private Engine(Place place, String device) {
        this.place = place;
        this.device = device;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("seer " + place.model()).factory());
    }

    /// Opens the model and proves its checksum.
    ///
    /// @param device that Spark assigned; empty where it assigned none
    static Engine open(Place place, String device) throws InterruptedException {
        var engine = new Engine(place, device);
        try {
            engine.call(() -> engine.opened = OpenModel.open(place, device));
            return engine;
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /// Does something with the model on the engine's thread, after what was asked for before.
    <T> T call(Callable<T> work) throws InterruptedException {
        return result(ask(work));
    }

    /// The same, for [#result] to wait for.
    <T> Future<T> ask(Callable<T> work) {
        return thread.submit(work);
    }

    /// What came of what an engine was asked for.
    static <T> T result(Future<T> asked) throws InterruptedException {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw Rethrown.of(e.getCause());
        } finally {
            asked.cancel(false); // what an interrupted task asked for and has not begun
        }
    }

    LanguageModel model() {
        return requireOpen().model();
    }

    /// Texts and gates of this model; on the engine's thread alone.
    Library library() {
        return requireOpen().library();
    }

    /// Whether it can be used: not after it was lost and could not be opened again.
    boolean isOpen() {
        return opened != null;
    }

    private OpenModel requireOpen() {
        var model = opened;
        if (model == null) {
            throw new IllegalStateException(place.model() + " is not open any more: its device was lost");
        }
        return model;
    }

    /// Reads documents; on the engine's thread alone.
    DocumentDesk desk() {
        if (desk == null) {
            desk = new DocumentDesk(library(), GateFiles.folder(place));
        }
        return desk;
    }

    /// What the user of a model keeps with it from task to task; on the engine's thread alone. That of another key is
    /// closed.
    <T extends AutoCloseable> T attached(String key, Function<OpenModel, T> maker) {
        if (!key.equals(attachedKey)) {
            detach();
            attached = maker.apply(requireOpen());
            attachedKey = key;
        }
        @SuppressWarnings("unchecked") // a key is of one kind
        var found = (T) attached;
        return found;
    }

    private void detach() {
        attachedKey = null;
        if (attached != null) {
            try {
                attached.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                attached = null;
            }
        }
    }

    private void closeDesk() {
        if (desk != null) {
            desk.close();
        }
    }

    /// Closes and opens it, after a fault that it may not have survived; on the engine's thread alone.
    void reopen() {
        shut();
        opened = OpenModel.open(place, device);
    }

    private void shut() {
        try {
            detach();
            closeDesk();
        } finally {
            desk = null;
            if (opened != null) {
                opened.close();
                opened = null;
            }
        }
    }

    /// Closes it when what was asked for before is done.
    void close() {
        thread.execute(this::shut);
        thread.shutdown();
    }
}
