package seer.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import seer.gate.AttnGate;
import seer.model.BackendChoice;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.Reply;
import seer.model.ReplyListener;
import seer.model.Responder;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.text.ChatTemplate;

/// An open model, its gates and its backend, and the one thread that computes with them: requests wait in line.
final class LocalModel implements AutoCloseable {
    private final SeerModelBuilder.Options options;
    private final Backend backend;
    private final LanguageModel model;
    private final AttnGate gates; // or null
    private final ChatTemplate chat;
    private final BlockSelector selector;
    private final ExecutorService line = Executors.newSingleThreadExecutor(this::thread);
    private volatile Thread worker;
    private final AtomicBoolean closing = new AtomicBoolean();

    private LocalModel(SeerModelBuilder.Options options, Backend backend, LanguageModel model, AttnGate gates) {
        this.options = options;
        this.backend = backend;
        this.model = model;
        this.gates = gates;
        this.chat = model.chat().orElseThrow(() -> new IllegalArgumentException(model.path()
                + " has no chat template, wanted one: the model was not trained to talk"));
        var nothing = List.of(new ChatTemplate.Message("system", ""), new ChatTemplate.Message("user", ""));
        chat.encode(nothing, false); // says now which token is missing, if any
        this.selector = options.selector().selector(() -> gates, ForcedBlocks.DEFAULT);
    }

    static LocalModel open(SeerModelBuilder.Options options) {
        var backend = options.backend().open(() -> LanguageModel.suitsTensorCores(options.model()));
        LanguageModel model = null;
        AttnGate gates = null;
        try {
            model = LanguageModel.open(options.model(), backend);
            gates = options.selector().needsGate() ? gates(options, model) : null;
            return new LocalModel(options, backend, model, gates);
        } catch (RuntimeException | Error e) {
            release(gates, model, backend);
            throw e;
        }
    }

    private static AttnGate gates(SeerModelBuilder.Options options, LanguageModel model) {
        Path folder = options.gates() != null ? options.gates() : AttnGate.folder(model.path());
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("there is no folder of gates " + folder + ", which "
                    + options.selector().text() + " needs: set gatePath, or select without gates");
        }
        return AttnGate.open(folder, model);
    }

    private static void release(AttnGate gates, LanguageModel model, Backend backend) {
        if (gates != null) {
            gates.close();
        }
        if (model != null) {
            model.close();
        }
        backend.close();
    }

    private Thread thread(Runnable work) {
        worker = Thread.ofPlatform().daemon().name("seer " + name()).unstarted(work);
        return worker;
    }

    /// As answers and requests call it.
    String name() {
        return model.path().toAbsolutePath().normalize().getFileName().toString();
    }

    List<ChatModelListener> listeners() {
        return options.listeners();
    }

    ChatRequestParameters parameters() {
        return ChatRequestParameters.builder().modelName(name()).temperature(options.sampling().temperature())
                .topP(options.sampling().topP()).maxOutputTokens(options.newTokens()).build();
    }

    /// The answer, computed here and now if this is the thread that computes, which otherwise would wait for itself.
    CompletableFuture<ChatResponse> answer(ChatRequest request, ReplyListener listener) {
        if (Thread.currentThread() != worker) {
            return enqueue(request, listener);
        }
        var answer = new CompletableFuture<ChatResponse>();
        complete(answer, request, listener);
        return answer;
    }

    /// The answer when its turn comes. Whoever completes or cancels it before ends the work on it.
    CompletableFuture<ChatResponse> enqueue(ChatRequest request, ReplyListener listener) {
        var answer = new CompletableFuture<ChatResponse>();
        try {
            line.execute(() -> complete(answer, request, listener));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(gone());
        }
        return answer;
    }

    private void complete(CompletableFuture<ChatResponse> answer, ChatRequest request, ReplyListener listener) {
        try {
            if (closing.get()) {
                throw gone();
            }
            if (!answer.isDone() && !listener.cancelled()) {
                answer.complete(compute(request, new ReplyListener() {
                    @Override
                    public void text(String part) {
                        listener.text(part);
                    }

                    @Override
                    public boolean cancelled() {
                        return closing.get() || answer.isDone() || listener.cancelled();
                    }
                }));
            }
            answer.cancel(false); // the listener had left
        } catch (Throwable e) { // also an error: whoever waits must not wait for ever
            answer.completeExceptionally(e);
        }
    }

    private ChatResponse compute(ChatRequest request, ReplyListener listener) {
        var wanted = Wanted.of(request, name(), options.sampling());
        var text = new StoppedText(wanted.stops(), listener);
        Reply reply;
        try {
            reply = new Responder(model, selector, wanted.newTokens(), wanted.sampling())
                    .reply(chat.encode(wanted.messages(), false), text);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
        if (reply.end() == Session.End.CANCELLED && !text.isStopped()) {
            throw closing.get() ? gone() : new CancellationException("nobody waits for the answer any more");
        }
        text.finish();
        boolean whole = text.isStopped() || reply.end() == Session.End.END_OF_TEXT;
        var metadata = SeerChatResponseMetadata.of(name(), backend, precision(), reply,
                whole ? FinishReason.STOP : FinishReason.LENGTH);
        return ChatResponse.builder().aiMessage(AiMessage.from(text.text())).metadata(metadata).build();
    }

    private String precision() {
        return options.backend().precision() == BackendChoice.Precision.INT8 ? "int8"
                : backend.precision().name().toLowerCase(Locale.ROOT);
    }

    private IllegalStateException gone() {
        return new IllegalStateException("the model " + model.path() + " is closed");
    }

    /// Ends what is under way and in line, then frees the model. Called from the computing thread, by a handler, it
    /// does not wait for that.
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            line.execute(() -> release(gates, model, backend));
            line.shutdown();
        }
        boolean interrupted = false;
        while (Thread.currentThread() != worker && !line.isTerminated()) {
            try {
                line.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
