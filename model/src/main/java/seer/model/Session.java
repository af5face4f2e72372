package seer.model;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.NotFiniteException;
import seer.model.backend.TokenScores;

/// One text being read and continued: a cache of keys and values, and the buffers of one chunk.
///
/// Memory is taken when the session opens and is linear in its capacity; what a prompt's selector keeps is added with
/// the prompt and freed by the next one. [#close()] frees all of it, whether the model is still open or not; once the
/// model is closed, a session can only be closed. A session belongs to one thread at a time, and so does the model it
/// came from: several sessions may be open, one computes.
public final class Session implements AutoCloseable {
    private final LanguageModel model;
    private final Transformer transformer;
    private final int capacity;
    private final int chunk;
    private final ElementType cacheType;
    private final Arena arena;
    private List<KeyValueCache> cache; // of every layer; null once closed
    private FiniteCheck finite;
    private Activations activations;
    private Arena prompt; // of the text that is being read, with its selector and its run; null where there is none
    private BlockSelector selector;
    private BlockSelector.Run run;
    private float[] logits; // of the last position read, or null
    private int length; // tokens read

    Session(LanguageModel model, Transformer transformer, int capacity, int chunk) {
        this.model = model;
        this.transformer = transformer;
        this.capacity = capacity;
        this.chunk = Math.min(chunk, capacity);
        Backend backend = model.backend();
        var config = model.config();
        var memory = model.memory(capacity, this.chunk);
        long bytes = memory.bytes();
        this.cacheType = memory.cacheType();
        this.arena = backend.arena("its session", bytes);
        try {
            this.cache = Stream.generate(() -> arena.cache(config.groups(), capacity, config.headWidth(),
                    cacheType))
                    .limit(config.layers()).toList();
            this.finite = new FiniteCheck(model, cache);
            this.activations = Activations.allocate(arena, config, this.chunk);
        } catch (OutOfMemoryError e) {
            close();
            throw new OutOfSpaceException(capacity, bytes, e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// How keys and values are stored.
    public ElementType cacheType() {
        return cacheType;
    }

    /// Tokens that fit.
    public int capacity() {
        return capacity;
    }

    /// Tokens read so far.
    public int length() {
        return length;
    }

    /// Reads a prompt from its beginning, forgetting what was read before.
    ///
    /// @throws IllegalArgumentException if the prompt is empty or longer than the capacity
    /// @throws NotFiniteException       if a number that the result depends on is NaN or infinite
    public PrefillReport prefill(PrefillRequest request) {
        check(request.tokens());
        forget();
        try {
            return read(request);
        } catch (RuntimeException | Error e) {
            forget();
            throw e;
        }
    }

    private PrefillReport read(PrefillRequest request) {
        int[] tokens = request.tokens();
        int step = chunkOf(request.selector(), tokens.length);
        var scores = request.score() ? new TokenScores(new float[tokens.length], new int[tokens.length]) : null;
        long started = System.nanoTime();
        selector = request.selector();
        prompt = arena.within("its prompt");
        run = selector.begin(new BlockSelector.Prompt(prompt, model.config(), tokens.length, step));
        try (var meter = new PrefillMeter(model.backend(), request, run, model.config().layers(), started)) {
            return read(request, step, meter, scores);
        }
    }

    private PrefillReport read(PrefillRequest request, int step, PrefillMeter meter, TokenScores scores) {
        int[] tokens = request.tokens();
        int rows = 0;
        for (int offset = 0; offset < tokens.length; offset += step) {
            rows = Math.min(step, tokens.length - offset);
            var chunk = new Transformer.Chunk(tokens, offset, rows,
                    scores != null || offset + rows == tokens.length);
            try {
                transformer.prefill(chunk, activations, cache, prompt, meter, meter);
            } catch (NotFiniteException e) {
                throw finite.selection(e, selector.label(), offset + rows);
            }
            finite.stream(activations.stream(), offset, rows);
            if (scores != null) {
                meter.aside(() -> score(request, chunk, scores));
            }
        }
        length = tokens.length;
        logits = finite.logits(transformer.logits(activations, rows - 1), length - 1);
        try {
            return meter.report(cacheType, logits.clone(), scores);
        } catch (NotFiniteException e) {
            throw finite.selection(e, selector.label(), length);
        }
    }

    /// What was drawn, and why no more.
    ///
    /// @param tokens without the end-of-text token
    public record Continuation(int[] tokens, End end) { }

    /// Why a continuation ended.
    public enum End {
        /// The model said that its text ends.
        END_OF_TEXT,
        /// As many tokens as were asked for.
        LIMIT,
        /// The session is full.
        CAPACITY,
        /// Nobody wanted more.
        CANCELLED
    }

    /// Continues the text, token by token, until `limit` tokens, an end-of-text token or the capacity.
    ///
    /// @param each told every token as soon as it is drawn
    /// @throws NotFiniteException if the next token would be drawn from logits that are NaN or infinite
    /// @return the drawn tokens, without the end-of-text token
    public int[] generate(int limit, Sampling sampling, IntConsumer each) {
        return continueWhile(limit, sampling, token -> {
            each.accept(token);
            return true;
        }).tokens();
    }

    /// The same, until `wanted` says otherwise, too.
    ///
    /// @param wanted told every token as soon as it is drawn; whether more are wanted
    /// @throws NotFiniteException as for [#generate]
    public Continuation continueWhile(int limit, Sampling sampling, IntPredicate wanted) {
        requireOpen();
        if (logits == null) {
            throw new IllegalStateException("nothing was read yet: prefill a prompt before generating");
        }
        var sampler = new Sampler(sampling);
        var drawn = new int[Math.clamp(limit, 0, capacity - length + 1)];
        int count = 0;
        var end = End.LIMIT;
        while (count < limit) {
            int token = sampler.next(logits);
            if (model.config().endOfText().contains(token)) {
                end = End.END_OF_TEXT;
                break;
            }
            drawn[count++] = token;
            if (!wanted.test(token)) {
                end = End.CANCELLED;
                break;
            }
            if (length == capacity) {
                end = count == limit ? End.LIMIT : End.CAPACITY;
                break;
            }
            append(token);
        }
        return new Continuation(Arrays.copyOf(drawn, count), end);
    }

    /// Reads one more token, with the blocks that the prompt's selector keeps for it.
    private void append(int token) {
        logits = null;
        try {
            transformer.decode(token, length, activations, cache, prompt, run);
        } catch (NotFiniteException e) {
            throw finite.selection(e, selector.label(), length + 1);
        }
        finite.stream(activations.stream(), length, 1);
        logits = finite.logits(transformer.logits(activations, 0), length);
        length++;
    }

    /// Whole blocks, and whole stretches of a correction, that fit a chunk; or those of the whole prompt if it fits.
    private int chunkOf(BlockSelector selector, int tokens) {
        int shared = BigInteger.valueOf(selector.block()).gcd(BigInteger.valueOf(selector.stretch())).intValueExact();
        int block = selector.block() / shared * selector.stretch();
        if (tokens <= chunk) {
            return Math.ceilDiv(tokens, block) * block;
        }
        if (chunk < block) {
            throw new IllegalArgumentException("chunk is " + chunk + " tokens, wanted at least " + block + ", which "
                    + selector.label() + " goes by");
        }
        return chunk / block * block;
    }

    private TokenScores score(PrefillRequest request, Transformer.Chunk chunk, TokenScores scores) {
        int[] targets = targets(request, chunk);
        var part = transformer.score(activations, chunk.rows(), targets);
        finite.likelihoods(part.negativeLogLikelihood(), targets, chunk.offset());
        copy(part, scores, chunk.offset(), chunk.rows());
        return scores;
    }

    private int[] targets(PrefillRequest request, Transformer.Chunk part) {
        var targets = new int[part.rows()];
        int[] tokens = request.tokens();
        for (int t = 0; t < targets.length; t++) {
            int next = part.offset() + t + 1;
            targets[t] = next < tokens.length ? tokens[next] : request.successor();
        }
        return targets;
    }

    private static void copy(TokenScores from, TokenScores to, int offset, int rows) {
        System.arraycopy(from.negativeLogLikelihood(), 0, to.negativeLogLikelihood(), offset, rows);
        System.arraycopy(from.best(), 0, to.best(), offset, rows);
    }

    private void check(int[] tokens) {
        requireOpen();
        if (tokens.length == 0) {
            throw new IllegalArgumentException("the prompt is empty, wanted at least one token");
        }
        if (tokens.length > capacity) {
            throw new IllegalArgumentException(
                    "the prompt has " + tokens.length + " tokens, the session's capacity is " + capacity);
        }
        int vocabulary = model.config().vocabulary();
        for (int t = 0; t < tokens.length; t++) {
            if (tokens[t] < 0 || tokens[t] >= vocabulary) {
                throw new IllegalArgumentException("token " + t + " of the prompt is " + tokens[t]
                        + ", wanted 0 to " + (vocabulary - 1) + ", the model's vocabulary");
            }
        }
    }

    /// Forgets what was read.
    private void forget() {
        if (prompt != null) {
            prompt.close();
        }
        prompt = null;
        selector = null;
        run = null;
        logits = null;
        length = 0;
    }

    private void requireOpen() {
        if (cache == null) {
            throw new IllegalStateException("the session is closed");
        }
        model.requireOpen("the session");
    }

    @Override
    public void close() {
        arena.close();
        cache = null;
        finite = null;
        activations = null;
        forget();
    }
}
