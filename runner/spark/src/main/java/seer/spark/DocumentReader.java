package seer.spark;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.Perplexity;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.load.Utf8Text;

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
        return answered(() -> {
            if (text == null) {
                throw new IllegalArgumentException("the text is null, wanted a text");
            }
            if (text.length == 0) {
                throw new IllegalArgumentException("the text is empty, wanted at least one token");
            }
            String decoded = Utf8Text.decode(text, wrong -> new IllegalArgumentException("the text "
                    + wrong.replace(" of the file", "")));
            var tokenizer = engine.model().tokenizer();
            return tokenizer.whole(joined(tokenizer.encode(decoded), tokenizer.encode(reading.question())));
        });
    }

    /// Reads tokens.
    ///
    /// @param tokens null where there are none; one that is null is null in it
    Answer tokens(Iterable<? extends Number> tokens) throws InterruptedException {
        return answered(() -> {
            if (tokens == null) {
                throw new IllegalArgumentException("the tokens are null, wanted a list of numbers");
            }
            var ids = IntStream.builder();
            int at = 0;
            for (Number token : tokens) {
                if (token == null || token.longValue() != token.intValue()) {
                    throw new IllegalArgumentException("token " + at + " is " + token + ", wanted 0 to "
                            + (engine.model().config().vocabulary() - 1));
                }
                ids.add(token.intValue());
                at++;
            }
            return joined(ids.build().toArray(), engine.model().tokenizer().encode(reading.question()));
        });
    }

    private interface Prompt {
        int[] tokens();
    }

    private static int[] joined(int[] first, int[] second) {
        return Stream.of(first, second).flatMapToInt(IntStream::of).toArray();
    }

    private Answer answered(Prompt prompt) throws InterruptedException {
        Answer answer;
        try {
            long start = System.nanoTime();
            int[] tokens = prompt.tokens();
            double tokenizing = (System.nanoTime() - start) * MS;
            answer = twice(tokens, tokenizing);
        } catch (RuntimeException e) {
            if (!Faults.ofDocument(e)) {
                throw e;
            }
            answer = Answer.failed(Faults.sentence(e));
        }
        figures.add(answer);
        return answer;
    }

    private Answer twice(int[] tokens, double tokenizing) throws InterruptedException {
        try {
            return once(tokens, tokenizing);
        } catch (RuntimeException e) {
            if (Faults.ofDocument(e)) {
                throw e;
            }
            engine.reopen(); // fails where the device is gone: then Spark takes the task elsewhere
            try {
                return once(tokens, tokenizing);
            } catch (RuntimeException again) {
                engine.reopen();
                return Answer.failed(Faults.sentence(again));
            }
        }
    }

    private Answer once(int[] tokens, double tokenizing) throws InterruptedException {
        long asked = System.nanoTime();
        return engine.call(() -> read(tokens, tokenizing, (System.nanoTime() - asked) * MS));
    }

    private Answer read(int[] tokens, double tokenizing, double waited) {
        LanguageModel model = engine.model();
        int context = model.config().contextLength();
        if (tokens.length > context) {
            throw new IllegalArgumentException("the document is " + tokens.length
                    + " tokens long, the model's context is " + context);
        }
        var selector = selector(tokens.length);
        var session = engine.session(Math.min(context, Math.addExact(tokens.length, reading.newTokens())),
                reading.chunkFor(tokens.length, model.backend().chunk()));
        var request = PrefillRequest.of(tokens, selector);
        var report = session.prefill(reading.scores() ? request.scored(-1) : request);
        long drawing = System.nanoTime();
        int[] drawn = session.generate(reading.newTokens(), Sampling.GREEDY, token -> { });
        String text = reading.newTokens() > 0 ? model.tokenizer().decode(drawn) : null;
        var times = new Answer.Times(tokenizing, waited, report.totalNanos() * MS, report.attentionNanos() * MS,
                report.selectionNanos() * MS, (System.nanoTime() - drawing) * MS);
        var info = model.backend().info();
        figures.visited(visited(report, selector.block()), dense(tokens.length, report));
        return new Answer(text, reading.perplexity() ? perplexity(report) : null,
                reading.logLikelihoods() ? logLikelihoods(report) : null, tokens.length, report.density(),
                report.selector(), times, info.backend(), info.device(), null);
    }

    private BlockSelector selector(int tokens) {
        return tokens < reading.denseBelow() ? BlockSelector.dense()
                : reading.selector().selector(() -> engine.library().gate(engine.gate()), reading.forced());
    }

    /// Why a document that was to be read sparse was read dense; null if it was not.
    private String dense(int tokens, PrefillReport report) {
        if (reading.select().equals("dense")) {
            return null;
        }
        if (tokens < reading.denseBelow()) {
            return "shorter than " + reading.denseBelow() + " tokens";
        }
        return report.density() == 1 ? "every block was kept" : null;
    }

    private long visited(PrefillReport report, int block) {
        long rows = Math.ceilDiv(report.tokens(), block);
        double causal = rows * (rows + 1) / 2.0 * engine.model().config().heads();
        double blocks = 0;
        for (double density : report.layerDensity()) {
            blocks += density * causal;
        }
        return Math.round(blocks);
    }

    private static double perplexity(PrefillReport report) {
        int predicted = report.tokens() - 1;
        if (predicted < 1) {
            throw new IllegalArgumentException("the document has 1 token, wanted at least 2 for its perplexity");
        }
        return Perplexity.of(report.scores().nats(0, predicted), predicted);
    }

    private static float[] logLikelihoods(PrefillReport report) {
        var values = new float[report.tokens() - 1];
        for (int t = 0; t < values.length; t++) {
            values[t] = -report.scores().negativeLogLikelihood()[t];
        }
        return values;
    }
}
