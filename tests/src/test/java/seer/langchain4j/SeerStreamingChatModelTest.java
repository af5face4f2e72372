package seer.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.TalkingDemo;

/// Answers that come piece by piece: the same answers, told as they come, ended by whoever has heard enough.
class SeerStreamingChatModelTest {
    private static final int TOKENS = 12;

    @TempDir
    private static Path folder;
    private static SeerChatModel model;
    private static SeerStreamingChatModel streaming;

    @BeforeAll
    static void open() throws IOException {
        Path demo = TalkingDemo.write(folder.resolve("talking"));
        model = SeerChatModel.builder().modelPath(demo).backend("cpu").maxOutputTokens(TOKENS).build();
        streaming = model.streaming();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /// All that a handler is told, in order; `each` is called with every piece.
    private static final class Heard implements StreamingChatResponseHandler {
        private final List<Object> events = new ArrayList<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private final BiConsumer<String, PartialResponseContext> each;

        Heard(BiConsumer<String, PartialResponseContext> each) {
            this.each = each;
        }

        @Override
        public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
            events.add(part.text());
            each.accept(part.text(), context);
        }

        @Override
        public void onCompleteResponse(ChatResponse answer) {
            events.add(answer);
            end.countDown();
        }

        @Override
        public void onError(Throwable error) {
            events.add(error);
            end.countDown();
        }

        List<Object> events() {
            try {
                assertTrue(end.await(60, TimeUnit.SECONDS), "the answer did not end: " + events);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return events;
        }
    }

    private static Heard ask(String question, BiConsumer<String, PartialResponseContext> each) {
        var heard = new Heard(each);
        streaming.chat(question, heard);
        return heard;
    }

    @Test
    void piecesMakeUpTheAnswer() {
        var events = ask("Hi", (_, _) -> { }).events();
        var answer = assertInstanceOf(ChatResponse.class, events.removeLast());
        var text = new StringBuilder();
        events.forEach(text::append);
        assertEquals(model.chat("Hi"), text.toString());
        assertEquals(text.toString(), answer.aiMessage().text());
        assertEquals(TOKENS, answer.tokenUsage().outputTokenCount());
        assertTrue(events.size() > 3, events.toString());
        assertInstanceOf(SeerChatResponseMetadata.class, answer.metadata());
    }

    @Test
    void nothingComesAfterCancelling() {
        var cancelled = ask("Hi", (_, context) -> {
            context.streamingHandle().cancel();
            assertTrue(context.streamingHandle().isCancelled());
        });
        ask("Hi", (_, _) -> { }).events(); // whose turn comes when the first has ended
        assertEquals(1, cancelled.events.size(), cancelled.events.toString());
        assertEquals(1, cancelled.end.getCount());
    }

    @Test
    void whatAHandlerThrowsEndsTheAnswerAndComesBackToIt() {
        var e = new IllegalArgumentException("the window is gone");
        var events = ask("Hi", (_, _) -> {
            throw e;
        }).events();
        assertEquals(2, events.size(), events.toString());
        assertEquals(e, events.getLast());
    }

    @Test
    void refusalsGoToTheHandler() {
        var error = ask("long ".repeat(40_000), (_, _) -> { }).events().getLast();
        assertInstanceOf(InvalidRequestException.class, error);
        assertTrue(((Exception) error).getMessage().contains("tokens long, the model's context is 32768"),
                error.toString());
    }

    @Test
    void aHandlerMayAskAgain() {
        String wanted = model.chat("And then?");
        var inner = new AtomicReference<String>();
        var events = ask("Hi", (_, _) -> inner.compareAndSet(null, model.chat("And then?"))).events();
        assertEquals(wanted, inner.get());
        assertInstanceOf(ChatResponse.class, events.getLast());
        var chained = new AtomicReference<Heard>();
        ask("Hi", (_, _) -> {
            if (chained.get() == null) {
                chained.set(ask("And then?", (_, _) -> { }));
            }
        }).events();
        assertEquals(wanted, ((ChatResponse) chained.get().events().getLast()).aiMessage().text());
    }

    @Test
    void aHandlerMayCloseTheModel() throws IOException {
        Path demo = TalkingDemo.write(folder.resolve("closing"));
        var closing = SeerStreamingChatModel.builder().modelPath(demo).backend("cpu").build();
        var heard = new Heard((_, _) -> closing.close());
        closing.chat("Hi", heard);
        var events = heard.events();
        assertEquals(2, events.size(), events.toString());
        assertEquals("the model " + demo + " is closed", ((Exception) events.getLast()).getMessage());
        closing.close();
    }
}
