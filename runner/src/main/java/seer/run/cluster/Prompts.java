package seer.run.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import seer.model.LanguageModel;

/// The prompts of documents, in their order. Some are tokenized while those before them are read, so that no device
/// waits for its tokens. Documents that have none are told of as they come, and left out.
final class Prompts implements Iterator<Prompts.Prompt>, AutoCloseable {
    private static final double MS = 1e-6;
    private static final int AHEAD = 3; // prompts, for each device

    private final Iterator<Document> documents;
    private final Reading reading;
    private final LanguageModel model;
    private final int ahead;
    private final BiConsumer<Document, DocumentDesk.Read> refused;
    private final Deque<CompletableFuture<Prompt>> coming = new ArrayDeque<>();
    private final ExecutorService threads;
    private Prompt next; // null where nobody has asked for it yet

    /// A document, ready to be read.
    ///
    /// @param milliseconds that it took
    /// @param fault        why there are no tokens; null if there are
    record Prompt(Document document, int[] tokens, double milliseconds, String fault) { }

    /// @param devices that read them
    /// @param refused told of documents that have none, by the thread that asks for prompts
    Prompts(Iterator<Document> documents, Reading reading, LanguageModel model, int devices,
            BiConsumer<Document, DocumentDesk.Read> refused) {
        this.documents = documents;
        this.reading = reading;
        this.model = model;
        this.ahead = AHEAD * devices;
        this.threads = Executors.newFixedThreadPool(devices + 1,
                Thread.ofPlatform().daemon().name("seer prompts ", 1).factory());
        this.refused = refused;
    }

    @Override
    public boolean hasNext() {
        while (next == null && (documents.hasNext() || !coming.isEmpty())) {
            while (coming.size() < ahead && documents.hasNext()) {
                var document = documents.next();
                coming.add(CompletableFuture.supplyAsync(() -> prompt(document), threads));
            }
            var made = joined(coming.remove());
            if (made.fault() == null) {
                next = made;
            } else {
                refused.accept(made.document(), new DocumentDesk.Read(Answer.failed(made.fault()), 0, null));
            }
        }
        return next != null;
    }

    private static Prompt joined(CompletableFuture<Prompt> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw Rethrown.of(e.getCause());
        }
    }

    private Prompt prompt(Document document) {
        long start = System.nanoTime();
        try {
            int[] tokens = document.text().prompt(reading, model);
            return new Prompt(document, tokens, (System.nanoTime() - start) * MS, null);
        } catch (RuntimeException e) {
            if (!DocumentFaults.isOfDocument(e)) {
                throw e;
            }
            return new Prompt(document, null, (System.nanoTime() - start) * MS, DocumentFaults.sentence(e));
        }
    }

    @Override
    public Prompt next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var given = next;
        next = null;
        return given;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
