package seer.spark;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import seer.model.text.Tokenizer;
import seer.run.cluster.Answer;
import seer.run.cluster.DocumentDesk;
import seer.run.cluster.DocumentFaults;
import seer.run.cluster.Reading;

/// Reads documents of a task on its engine. What a document is to blame for becomes its error; what the engine did not
/// survive is tried once more on one that was opened anew, so that neither a document ends the task nor a lost device
/// passes as an error of every document after it.
///
/// A document is tokenized by who asks for it, and then waits for its turn: the task can do something else meanwhile.
final class DocumentReader {
    private static final double MS = 1e-6;

    private final Engine engine;
    private final Reading reading;
    private final Figures figures;
    private final Tokenizer tokenizer; // of the model as the task found it: it may be opened anew at any time
    private final int vocabulary;

    DocumentReader(Engine engine, Reading reading, Figures figures) {
        this.engine = engine;
        this.reading = reading;
        this.figures = figures;
        this.tokenizer = engine.model().tokenizer();
        this.vocabulary = engine.model().config().vocabulary();
    }

    /// A document that the engine was asked for.
    final class Asked {
        private final Future<DocumentDesk.Read> read;

        private Asked(Future<DocumentDesk.Read> read) {
            this.read = read;
        }

        /// What came of it, once it was read.
        Answer answer() throws InterruptedException {
            var done = Engine.result(read);
            figures.add(done.answer());
            figures.visited(done.blocks(), done.dense());
            return done.answer();
        }

        /// It is read no more if it is not being read yet.
        void forget() {
            read.cancel(false);
        }
    }

    /// Asks for a text in UTF-8 to be read.
    ///
    /// @param text null where there is none
    Asked text(byte[] text) {
        return asked(() -> reading.prompt(tokenizer, text));
    }

    /// Asks for tokens to be read.
    ///
    /// @param tokens null where there are none; one that is null is null in it
    Asked tokens(Iterable<? extends Number> tokens) {
        return asked(() -> reading.prompt(tokenizer, vocabulary, tokens));
    }

    private interface Prompt {
        int[] tokens();
    }

    private Asked asked(Prompt prompt) {
        long start = System.nanoTime();
        int[] tokens;
        try {
            tokens = prompt.tokens();
        } catch (RuntimeException e) {
            return new Asked(CompletableFuture.completedFuture(refused(e)));
        }
        long asked = System.nanoTime();
        return new Asked(engine.ask(() -> read(tokens, (asked - start) * MS, asked)));
    }

    /// @throws RuntimeException the same, if the document is not to blame
    private static DocumentDesk.Read refused(RuntimeException e) {
        if (!DocumentFaults.isOfDocument(e)) {
            throw e;
        }
        return new DocumentDesk.Read(Answer.failed(DocumentFaults.sentence(e)), 0, null);
    }

    private DocumentDesk.Read read(int[] tokens, double tokenizing, long asked) {
        double waiting = (System.nanoTime() - asked) * MS;
        try {
            return twice(tokens, tokenizing, waiting);
        } catch (RuntimeException e) {
            return refused(e);
        }
    }

    /// The second time comes before whatever else the engine was asked for, which finds it whole.
    private DocumentDesk.Read twice(int[] tokens, double tokenizing, double waiting) {
        try {
            return engine.desk().read(tokens, reading, tokenizing, waiting);
        } catch (RuntimeException e) {
            if (DocumentFaults.isOfDocument(e)) {
                throw e;
            }
            engine.reopen(); // fails where the device is gone: then Spark takes the task elsewhere
            try {
                return engine.desk().read(tokens, reading, tokenizing, waiting);
            } catch (RuntimeException again) {
                engine.reopen();
                return new DocumentDesk.Read(Answer.failed(DocumentFaults.sentence(again)), 0, null);
            }
        }
    }
}
