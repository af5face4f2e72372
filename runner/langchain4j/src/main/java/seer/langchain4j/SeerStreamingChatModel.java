package seer.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import seer.model.ReplyListener;

/// As [SeerChatModel], with answers that come piece by piece.
///
/// Asking returns at once. Handlers are called by one thread, the one that computes: a handler that takes its time
/// holds up the answer. What goes wrong, a request that is refused too, goes to [StreamingChatResponseHandler#onError],
/// as does what a handler itself throws, which ends the answer. Once cancelled, a handler hears nothing more.
public final class SeerStreamingChatModel implements StreamingChatModel, AutoCloseable {
    private final LocalModel model;

    SeerStreamingChatModel(LocalModel model) {
        this.model = model;
    }

    /// Opens models.
    public static SeerModelBuilder<SeerStreamingChatModel> builder() {
        return new SeerModelBuilder<>(SeerStreamingChatModel::new);
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        var pieces = new Pieces(handler);
        model.enqueue(request, pieces).whenComplete(pieces::end);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return model.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return model.listeners();
    }

    /// Ends what is under way and in line, whose handlers then get an error, and frees the model.
    @Override
    public void close() {
        model.close();
    }

    /// One answer on its way to its handler, which may cancel it.
    private static final class Pieces implements ReplyListener, StreamingHandle {
        private final StreamingChatResponseHandler handler;
        private volatile boolean cancelled;
        private RuntimeException thrown; // by the handler

        Pieces(StreamingChatResponseHandler handler) {
            this.handler = handler;
        }

        @Override
        public void text(String part) {
            if (cancelled()) {
                return;
            }
            try {
                handler.onPartialResponse(new PartialResponse(part), new PartialResponseContext(this));
            } catch (RuntimeException e) {
                thrown = e;
            }
        }

        void end(ChatResponse answer, Throwable error) {
            if (cancelled) {
                return;
            }
            if (thrown != null || error != null) {
                handler.onError(thrown != null ? thrown : error);
                return;
            }
            try {
                handler.onCompleteResponse(answer);
            } catch (RuntimeException e) {
                handler.onError(e);
            }
        }

        @Override
        public boolean cancelled() {
            return cancelled || thrown != null;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
