package seer.run.cluster;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import seer.eval.plan.Library;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.Perplexity;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.Session;

/// Reads documents with an open model, and keeps the session of the last for the next. On the model's thread alone.
public final class DocumentDesk implements AutoCloseable {
    private static final double MS = 1e-6;
    private static final int SMALLEST = 1024; // tokens of a session
    private static final int WASTE = 8; // times what is needed, from where on a session is replaced by a smaller one

    private final Library library;
    private final Path gate;
    private Session session; // null before the first
    private int chunk; // of the session

    /// What was read, and what that was.
    ///
    /// @param blocks visited
    /// @param dense  why a document that was to be read sparse was read dense; null if it was not
    public record Read(Answer answer, long blocks, String dense) implements Serializable { }

    /// @param library of the model, stays open
    /// @param gate    folder of the gates
    public DocumentDesk(Library library, Path gate) {
        this.library = library;
        this.gate = gate;
    }

    /// Reads a document.
    ///
    /// @param tokens   of the document, with its question
    /// @param tokenize milliseconds that they took
    /// @param waiting  milliseconds since then
    /// @throws IllegalArgumentException if there are more than the model can read
    public Read read(int[] tokens, Reading reading, double tokenize, double waiting) {
        LanguageModel model = library.model();
        int context = model.config().contextLength();
        if (tokens.length > context) {
            throw new IllegalArgumentException("the document is " + tokens.length
                    + " tokens long, the model's context is " + context);
        }
        var selector = selector(tokens.length, reading);
        var session = session(Math.min(context, Math.addExact(tokens.length, reading.newTokens())),
                reading.chunkFor(tokens.length, model.backend().chunk()));
        var request = PrefillRequest.of(tokens, selector);
        var report = session.prefill(reading.scores() ? request.scored(-1) : request);
        long drawing = System.nanoTime();
        int[] drawn = session.generate(reading.newTokens(), Sampling.GREEDY, token -> { });
        String text = reading.newTokens() > 0 ? model.tokenizer().decode(drawn) : null;
        var times = new Answer.Times(tokenize, waiting, report.totalNanos() * MS, report.attentionNanos() * MS,
                report.selectionNanos() * MS, (System.nanoTime() - drawing) * MS);
        return new Read(answer(text, reading, report, times), visited(report, selector.block()),
                dense(tokens.length, reading, report));
    }

    private Answer answer(String text, Reading reading, PrefillReport report, Answer.Times times) {
        var backend = library.model().backend();
        var info = backend.info();
        var kernels = backend.rungs().isEmpty() ? null : new TreeMap<>(backend.rungs());
        return new Answer(text, reading.perplexity() ? perplexity(report) : null,
                reading.logLikelihoods() ? logLikelihoods(report) : null, report.tokens(),
                report.density(), report.selector(), times, info.backend(), info.device(), backend.arithmetic(),
                report.cache().name().toLowerCase(Locale.ROOT), kernels, null);
    }

    /// The same, with an error where the document is to blame.
    Read answered(int[] tokens, Reading reading, double tokenize, double waiting) {
        try {
            return read(tokens, reading, tokenize, waiting);
        } catch (RuntimeException e) {
            if (!DocumentFaults.isOfDocument(e)) {
                throw e;
            }
            return new Read(Answer.failed(DocumentFaults.sentence(e)), 0, null);
        }
    }

    private BlockSelector selector(int tokens, Reading reading) {
        return tokens < reading.denseBelow() ? BlockSelector.dense()
                : reading.selector().selector(() -> library.gate(gate), reading.forced());
    }

    private static String dense(int tokens, Reading reading, PrefillReport report) {
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
        double causal = rows * (rows + 1) / 2.0 * library.model().config().heads();
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

    /// A session for so many tokens, that of an earlier document where it fits.
    ///
    /// Capacities are powers of two, so that documents of about one length share one.
    ///
    /// @param wanted tokens of a chunk
    private Session session(int tokens, int wanted) {
        int context = library.model().config().contextLength();
        if (session == null || chunk != wanted || session.capacity() < tokens
                || session.capacity() / WASTE > Math.max(tokens, SMALLEST)) {
            close();
            int round = Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, tokens - 1)) << 1);
            session = library.model().session(Math.clamp(round, Math.min(tokens, context), context), wanted);
            chunk = wanted;
        }
        return session;
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
