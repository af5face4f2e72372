package seer.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.SelectorSpec;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.attention.ForcedBlocks;
import seer.model.load.DType;
import seer.model.text.ChatTemplate;
import seer.support.Demo;
import seer.support.RealModel;
import seer.support.TalkingDemo;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// Seer behind LangChain4j's `ChatModel`: the answers of a session, with what LangChain4j wants to know about them.
class SeerChatModelTest {
    private static final int TOKENS = 8;

    @TempDir
    private static Path folder;
    private static Path demo;
    private static String story;
    private static SeerChatModel model;

    @BeforeAll
    static void open() throws IOException {
        demo = TalkingDemo.write(folder.resolve("talking"));
        story = Files.readString(Demo.MODEL.resolve("thursday.txt")).substring(0, 2600);
        model = builder().build();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SeerModelBuilder<SeerChatModel> builder() {
        return SeerChatModel.builder().modelPath(demo).backend("cpu").maxOutputTokens(TOKENS);
    }

    private static SeerChatResponseMetadata.Figures figures(ChatResponse answer) {
        return assertInstanceOf(SeerChatResponseMetadata.class, answer.metadata()).figures();
    }

    /// What a session of its own says, and the density that it read with.
    private record Expected(String text, int prompt, int drawn, double density) {
        static Expected of(String selector, ChatTemplate.Message... messages) {
            try (var open = LanguageModel.open(demo, Demo.model().backend())) {
                int[] ids = open.chat().orElseThrow().encode(List.of(messages), false);
                try (var session = open.session(ids.length + TOKENS)) {
                    var report = session.prefill(PrefillRequest.of(ids,
                            SelectorSpec.parse(selector).selector(Demo::gate, ForcedBlocks.DEFAULT)));
                    int[] drawn = session.generate(TOKENS, Sampling.GREEDY, _ -> { });
                    return new Expected(open.tokenizer().decode(drawn), ids.length, drawn.length, report.density());
                }
            }
        }
    }

    @Test
    void anAnswerIsWhatASessionSays() {
        var wanted = Expected.of("dense", new ChatTemplate.Message("system", "Be brief."),
                new ChatTemplate.Message("user", "Who was Thursday?"), new ChatTemplate.Message("assistant", "A man."),
                new ChatTemplate.Message("user", "Which?"));
        var answer = model.chat(SystemMessage.from("Be brief."), UserMessage.from("Who was Thursday?"),
                AiMessage.from("A man."), UserMessage.from("Which?"));
        assertEquals(wanted.text(), answer.aiMessage().text());
        assertEquals(wanted.prompt(), answer.tokenUsage().inputTokenCount());
        assertEquals(wanted.drawn(), answer.tokenUsage().outputTokenCount());
        assertEquals(TOKENS, wanted.drawn());
        assertEquals(FinishReason.LENGTH, answer.finishReason());
        assertEquals("talking", answer.modelName());
    }

    @Test
    void metadataSaysWhereAndHow() {
        var answer = model.chat(UserMessage.from("Hi"));
        var figures = figures(answer);
        assertEquals("dense", figures.selector());
        assertEquals(1, figures.density());
        assertEquals("cpu", figures.backend());
        assertEquals(Demo.model().backend().info().device(), figures.device());
        assertEquals("f32", figures.precision());
        assertEquals("f32", figures.cache());
        assertEquals("f32", figures.arithmetic());
        assertTrue(figures.timeToFirstToken().isPositive(), figures.toString());
        var renamed = assertInstanceOf(SeerChatResponseMetadata.class, answer.metadata().toBuilder().id("7").build());
        assertEquals(figures, renamed.figures());
        assertEquals(answer.tokenUsage(), renamed.tokenUsage());
        assertNotEquals(answer.metadata(), renamed);
        assertEquals(answer.metadata(), renamed.toBuilder().id(null).build());
    }

    @Test
    void metadataSaysThatProductsAreOfWholeNumbers() {
        Path file = TinyGguf.talking(TinyModel.random("llama", 320, 256, 256, 4, 2, 64, true), DType.Q4_0)
                .write(folder.resolve("whole.gguf"));
        try (var whole = builder().modelPath(file).precision("int8").build()) {
            var figures = figures(whole.chat(UserMessage.from("Hi")));
            assertEquals("int8", figures.precision());
            assertEquals("int8 where a layer's weights have 4 bits, else f32", figures.arithmetic());
        }
        try (var exact = builder().modelPath(file).precision("f32").build()) {
            var figures = figures(exact.chat(UserMessage.from("Hi")));
            assertEquals("f32", figures.precision());
            assertEquals("f32", figures.arithmetic());
        }
    }

    @Test
    void promptsAreReadAsSparselyAsTheBuilderSays() {
        for (String selector : List.of("gate:density=0.3", "gate:threshold=0.02", "minmax:density=0.25")) {
            var builder = builder();
            switch (selector) {
                case "gate:density=0.3" -> builder.density(0.3).gatePath(Demo.GATE);
                case "gate:threshold=0.02" -> builder.threshold(0.02);
                default -> builder.select(selector);
            }
            var wanted = Expected.of(selector, new ChatTemplate.Message("user", story));
            try (var sparse = builder.build()) {
                var answer = sparse.chat(UserMessage.from(story));
                assertEquals(wanted.density(), figures(answer).density(), 1e-9, selector);
                assertTrue(wanted.density() < 0.95, selector + " has density " + wanted.density());
                assertEquals(wanted.text(), answer.aiMessage().text(), selector);
            }
        }
    }

    @Test
    void aRequestsOwnParametersGoBeforeTheBuilders() {
        var request = ChatRequest.builder().messages(UserMessage.from("Hi"));
        assertEquals(3, model.chat(request.maxOutputTokens(3).build()).tokenUsage().outputTokenCount());
        String greedy = model.chat("Hi");
        request = ChatRequest.builder().messages(UserMessage.from("Hi"));
        String drawn = model.chat(request.temperature(3.0).build()).aiMessage().text();
        assertNotEquals(greedy, drawn);
        try (var hot = builder().temperature(3).topP(0.999).seed(1).build()) {
            assertNotEquals(greedy, hot.chat("Hi"));
            assertEquals(hot.chat("Hi"), hot.chat("Hi"));
        }
    }

    @Test
    void answersEndBeforeAStopSequence() {
        String whole = model.chat("Hi");
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);
        var stopped = model.chat(ChatRequest.builder().messages(UserMessage.from("Hi")).stopSequences(List.of(stop))
                .build());
        assertEquals(whole.substring(0, whole.indexOf(stop)), stopped.aiMessage().text());
        assertEquals(FinishReason.STOP, stopped.finishReason());
    }

    @Test
    void answersEndWhereTheModelSaysSo() throws IOException {
        Path ends = TalkingDemo.write(folder.resolve("ends"));
        int first = Demo.model().tokenizer().encode(model.chat(ChatRequest.builder()
                .messages(UserMessage.from("Hi")).maxOutputTokens(1).build()).aiMessage().text())[0];
        Files.writeString(ends.resolve("generation_config.json"), "{\"eos_token_id\": [0, " + first + "]}");
        try (var brief = SeerChatModel.builder().modelPath(ends).backend("cpu").build()) {
            var answer = brief.chat(UserMessage.from("Hi"));
            assertEquals("", answer.aiMessage().text());
            assertEquals(0, answer.tokenUsage().outputTokenCount());
            assertEquals(FinishReason.STOP, answer.finishReason());
            assertTrue(figures(answer).timeToFirstToken().isZero());
        }
    }

    @Test
    void requestsOfManyThreadsAreAnsweredOneAfterTheOther() {
        var questions = List.of("One", "Two", "Three", "Four", "Five", "Six");
        var alone = questions.stream().map(model::chat).toList();
        var together = questions.stream().map(each -> CompletableFuture.supplyAsync(() -> model.chat(each)))
                .toList().stream().map(CompletableFuture::join).toList();
        assertEquals(alone, together);
        var later = questions.stream().map(model::chatAsync).toList();
        assertEquals(alone, later.stream().map(CompletableFuture::join).toList());
    }

    @Test
    void aCancelledAnswerIsNotComputed() throws InterruptedException {
        try (var talkative = builder().maxOutputTokens(30_000).build()) {
            var first = talkative.doChatAsync(request(talkative, story));
            var second = talkative.doChatAsync(request(talkative, "never"));
            second.cancel(true);
            first.cancel(true);
            var waiting = new Thread(() -> assertThrows(CancellationException.class, () -> talkative.chat(story)));
            var wrong = new ArrayList<Throwable>();
            waiting.setUncaughtExceptionHandler((_, e) -> wrong.add(e));
            waiting.start();
            waiting.interrupt();
            waiting.join();
            assertEquals(List.of(), wrong);
            long start = System.nanoTime();
            assertEquals(1, talkative.chat(ChatRequest.builder().messages(UserMessage.from("Hi")).maxOutputTokens(1)
                    .build()).tokenUsage().outputTokenCount());
            double seconds = (System.nanoTime() - start) * 1e-9;
            assertTrue(seconds < 20, "waited " + seconds + " s for what nobody wanted");
        }
    }

    private static ChatRequest request(SeerChatModel model, String question) {
        return ChatRequest.builder().messages(UserMessage.from(question)).parameters(model.defaultRequestParameters())
                .build();
    }

    @Test
    void closingEndsWhatIsUnderWayAndWhatIsAskedLater() {
        var closing = builder().maxOutputTokens(30_000).build();
        var first = closing.chatAsync(story);
        var second = closing.chatAsync("Hi");
        closing.close();
        closing.close();
        for (CompletableFuture<String> each : List.of(first, second, closing.chatAsync("Hi"))) {
            var e = assertThrows(Exception.class, each::get);
            assertInstanceOf(IllegalStateException.class, e.getCause());
            assertEquals("the model " + demo + " is closed", e.getCause().getMessage());
        }
        assertThrows(IllegalStateException.class, () -> closing.chat("Hi"));
    }

    @Test
    void listenersAreTold() {
        var told = Collections.synchronizedList(new ArrayList<String>());
        var listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                told.add("request to " + context.chatRequest().modelName());
            }

            @Override
            public void onResponse(ChatModelResponseContext context) {
                told.add("answer of " + context.chatResponse().tokenUsage().outputTokenCount());
            }

            @Override
            public void onError(ChatModelErrorContext context) {
                told.add("error " + context.error().getMessage());
            }
        };
        try (var heard = builder().listeners(List.of(listener)).build()) {
            heard.chat("Hi");
            assertThrows(RuntimeException.class, () -> heard.chat(ChatRequest.builder()
                    .messages(UserMessage.from("Hi")).topP(0.0).build()));
        }
        assertEquals(List.of("request to talking", "answer of " + TOKENS, "request to talking",
                "error top-p is 0.0, wanted above 0 and at most 1"), told);
    }

    @Test
    void aRealModelAnswersAQuestion() {
        var builder = SeerChatModel.builder().modelPath(RealModel.gguf()).backend("cpu").maxOutputTokens(40);
        try (var real = builder.build()) {
            var answer = real.chat(UserMessage.from("What is the capital of France?"));
            assertTrue(answer.aiMessage().text().contains("Paris"), answer.toString());
            assertEquals(FinishReason.STOP, answer.finishReason());
            assertEquals("SmolLM2-135M-Instruct.Q4_1.gguf", answer.modelName());
        }
    }
}
