package seer.spark;

import seer.run.cluster.Answer;
import seer.run.cluster.DocumentFaults;
import seer.run.cluster.Reading;

/// Reads documents of a task on its engine. What a document is to blame for becomes its error; what the engine did not
/// survive is tried once more on one that was opened anew, so that neither a document ends the task nor a lost device
/// passes as an error of every document after it.
final class DocumentReader {
    private static final double MS = 1e-6;

    private final Engine engine;
    private final Reading reading;
    private final Figures figures;

    DocumentReader(Engine engine, Reading reading, Figures figures) {
        this.engine = engine;
        this.reading = reading;
        this.figures = figures;
    }

    /// Reads a text in UTF-8.
    ///
    /// @param text null where there is none
    Answer text(byte[] text) throws InterruptedException {
        return answered(() -> reading.prompt(engine.model().tokenizer(), text));
    }

    /// Reads tokens.
    ///
    /// @param tokens null where there are none; one that is null is null in it
    Answer tokens(Iterable<? extends Number> tokens) throws InterruptedException {
        return answered(() -> reading.prompt(engine.model().tokenizer(), engine.model().config().vocabulary(),
                tokens));
    }

    private interface Prompt {
        int[] tokens();
    }

    private Answer answered(Prompt prompt) throws InterruptedException {
        Answer answer;
        try {
            long start = System.nanoTime();
            int[] tokens = prompt.tokens();
            double tokenizing = (System.nanoTime() - start) * MS;
            answer = twice(tokens, tokenizing);
        } catch (RuntimeException e) {
            if (!DocumentFaults.isOfDocument(e)) {
                throw e;
            }
            answer = Answer.failed(DocumentFaults.sentence(e));
        }
        figures.add(answer);
        return answer;
    }

    private Answer twice(int[] tokens, double tokenizing) throws InterruptedException {
        try {
            return once(tokens, tokenizing);
        } catch (RuntimeException e) {
            if (DocumentFaults.isOfDocument(e)) {
                throw e;
            }
            engine.reopen(); // fails where the device is gone: then Spark takes the task elsewhere
            try {
                return once(tokens, tokenizing);
            } catch (RuntimeException again) {
                engine.reopen();
                return Answer.failed(DocumentFaults.sentence(again));
            }
        }
    }

    private Answer once(int[] tokens, double tokenizing) throws InterruptedException {
        long asked = System.nanoTime();
        var read = engine.call(() -> engine.desk().read(tokens, reading, tokenizing,
                (System.nanoTime() - asked) * MS));
        figures.visited(read.blocks(), read.dense());
        return read.answer();
    }
}
