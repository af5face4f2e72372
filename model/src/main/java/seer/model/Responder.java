package seer.model;

import java.util.concurrent.CancellationException;
import seer.model.text.StreamDecoder;

/// Replies to prompts, one at a time: reads a prompt with a selector and lets the model go on.
///
/// Each prompt is read from its beginning, also one that goes on with an earlier conversation: what was chosen sparsely
/// for one need not do for the next. Its memory is as large as prompt and reply need, and freed with the reply.
///
/// @param selector  which blocks attention computes while the prompt is read
/// @param newTokens tokens of a reply, at most
public record Responder(LanguageModel model, BlockSelector selector, int newTokens, Sampling sampling) {
    public Responder {
        if (newTokens < 1) {
            throw new IllegalArgumentException("the most new tokens are " + newTokens + ", wanted at least 1");
        }
    }

    /// Reads the prompt and replies.
    ///
    /// @throws IllegalArgumentException if the prompt does not fit the model's context
    public Reply reply(int[] prompt, ReplyListener listener) {
        int context = model.config().contextLength();
        if (prompt.length > context) {
            throw new IllegalArgumentException("the conversation is " + prompt.length
                    + " tokens long, the model's context is " + context);
        }
        int capacity = (int) Math.min((long) prompt.length + newTokens, context);
        int chunk = selector.wholePrompt() ? prompt.length : Session.usualChunk(model.backend());
        long started = System.nanoTime();
        try (var session = model.session(capacity, chunk)) {
            var report = read(session, prompt, listener);
            if (report == null) {
                return new Reply("", new int[0], Session.End.CANCELLED, null, 0);
            }
            var text = new Text(listener, new StreamDecoder(model.tokenizer()), started);
            var said = session.continueWhile(newTokens, sampling, text::add);
            text.pass(text.decoder.finish());
            return new Reply(text.all.toString(), said.tokens(), said.end(), report, text.first);
        }
    }

    /// Null if the listener left meanwhile.
    private PrefillReport read(Session session, int[] prompt, ReplyListener listener) {
        var left = new CancellationException();
        try {
            return session.prefill(PrefillRequest.of(prompt, selector).reporting(_ -> {
                if (listener.cancelled()) {
                    throw left;
                }
            }));
        } catch (CancellationException e) {
            if (e != left) {
                throw e;
            }
            return null;
        }
    }

    /// A reply under way.
    private static final class Text {
        private final ReplyListener listener;
        private final StreamDecoder decoder;
        private final long started;
        private final StringBuilder all = new StringBuilder();
        private long first; // nanoseconds until a token was drawn

        Text(ReplyListener listener, StreamDecoder decoder, long started) {
            this.listener = listener;
            this.decoder = decoder;
            this.started = started;
        }

        /// Whether more is wanted.
        boolean add(int token) {
            if (first == 0) {
                first = System.nanoTime() - started;
            }
            pass(decoder.add(token));
            return !listener.cancelled();
        }

        void pass(String part) {
            if (!part.isEmpty()) {
                all.append(part);
                listener.text(part);
            }
        }
    }
}
