package seer.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// A local model that answers in its own chat form, its prompts read dense or sparse.
///
/// Any thread may ask; requests are answered one after the other, in the order in which they come, each by reading the
/// whole conversation anew. Answers' metadata is [SeerChatResponseMetadata]. Tools, images, response formats and
/// whatever else a request can ask for and this cannot do are refused in a sentence
/// ([dev.langchain4j.exception.UnsupportedFeatureException]), as are conversations that do not fit the context
/// ([dev.langchain4j.exception.InvalidRequestException]).
///
/// The JVM needs `--add-modules jdk.incubator.vector`.
public final class SeerChatModel implements ChatModel, AutoCloseable {
    private final LocalModel model;

    SeerChatModel(LocalModel model) {
        this.model = model;
    }

    /// Opens models.
    public static SeerModelBuilder<SeerChatModel> builder() {
        return new SeerModelBuilder<>(SeerChatModel::new);
    }

    /// The same open model, whose answers come piece by piece: closing either closes it.
    public SeerStreamingChatModel streaming() {
        return new SeerStreamingChatModel(model);
    }

    /// Waits for the answer; the calling thread's interruption ends the work on it.
    @Override
    public ChatResponse doChat(ChatRequest request) {
        var answer = model.answer(request, _ -> { });
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the answer");
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return (RuntimeException) cause;
    }

    /// The answer when its turn comes. Cancelling it ends the work on it.
    @Override
    public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
        return model.enqueue(request, _ -> { });
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return model.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return model.listeners();
    }

    /// Ends what is under way and in line, which then fails as whatever is asked later does ([IllegalStateException]),
    /// and frees the model.
    @Override
    public void close() {
        model.close();
    }
}
