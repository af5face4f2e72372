package seer.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.backend.BackendUnavailableException;
import seer.model.load.MalformedModelException;
import seer.support.Demo;
import seer.support.TalkingDemo;

/// What LangChain4j can ask for and Seer cannot do is refused in a sentence; so are options that say two things.
class RefusedRequestsTest {
    @TempDir
    private Path folder;

    private static void unsupported(SeerChatModel model, String part, Consumer<ChatRequest.Builder> ask) {
        refused(UnsupportedFeatureException.class, model, part + ", which Seer's models do not support: wanted ", ask);
    }

    private static void refused(Class<? extends Exception> kind, SeerChatModel model, String part,
                                Consumer<ChatRequest.Builder> ask) {
        var request = ChatRequest.builder().messages(UserMessage.from("Hi"));
        ask.accept(request);
        tells(part, assertThrows(kind, () -> model.chat(request.build())));
    }

    private static void tells(String part, Exception e) {
        assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    private static Consumer<ChatRequest.Builder> messages(ChatMessage... messages) {
        return request -> request.messages(messages);
    }

    @Test
    void partsThatSeerDoesNotSupport() throws IOException {
        var tool = ToolSpecification.builder().name("weather").build();
        var call = ToolExecutionRequest.builder().id("1").name("weather").arguments("{}").build();
        try (var model = SeerChatModel.builder().modelPath(TalkingDemo.write(folder.resolve("m"))).build()) {
            unsupported(model, "tools, weather first", request -> request.toolSpecifications(tool));
            unsupported(model, "toolChoice REQUIRED", request -> request.toolChoice(ToolChoice.REQUIRED));
            unsupported(model, "responseFormat JSON", request -> request.responseFormat(ResponseFormat.JSON));
            unsupported(model, "topK 5", request -> request.topK(5));
            unsupported(model, "frequencyPenalty 0.5", request -> request.frequencyPenalty(0.5));
            unsupported(model, "presencePenalty -1.0", request -> request.presencePenalty(-1.0));
            unsupported(model, "content of type image", messages(UserMessage.from(TextContent.from("What is this?"),
                    ImageContent.from("https://example.org/x.png"))));
            unsupported(model, "a user with the name Ann", messages(UserMessage.from("Ann", "Hi")));
            unsupported(model, "an answer that calls weather", messages(UserMessage.from("Hi"), AiMessage.from(call)));
            unsupported(model, "a message of type TOOL_EXECUTION_RESULT",
                    messages(ToolExecutionResultMessage.from(call, "rain")));
            unsupported(model, "a message of type CUSTOM", messages(CustomMessage.from(Map.of("a", "b"))));
            refused(InvalidRequestException.class, model, "modelName is other, wanted m",
                    request -> request.modelName("other"));
            refused(InvalidRequestException.class, model, "maxOutputTokens is 0, wanted at least 1",
                    request -> request.maxOutputTokens(0));
            refused(InvalidRequestException.class, model, "temperature is -1.0", request -> request.temperature(-1.0));
            refused(InvalidRequestException.class, model, "a stop sequence is empty",
                    request -> request.stopSequences(List.of("")));
            for (Consumer<ChatRequest.Builder> harmless : List.<Consumer<ChatRequest.Builder>>of(
                    request -> request.toolChoice(ToolChoice.AUTO), request -> request.frequencyPenalty(0.0),
                    request -> request.responseFormat(ResponseFormat.TEXT), request -> request.modelName("m"),
                    messages(UserMessage.from(TextContent.from("Hi"), TextContent.from("there"))))) {
                var request = ChatRequest.builder().messages(UserMessage.from("Hi")).maxOutputTokens(1);
                harmless.accept(request);
                assertEquals(1, model.chat(request.build()).tokenUsage().outputTokenCount());
            }
        }
    }

    @Test
    void turnsThatAFormHasNoPlaceFor() throws IOException {
        Path mistral = TalkingDemo.write(folder.resolve("m"));
        Files.writeString(mistral.resolve("chat_template.jinja"), "{{'[INST]' + message['content'] + '[/INST]'}}");
        String tokenizer = Files.readString(mistral.resolve("tokenizer.json"));
        Files.writeString(mistral.resolve("tokenizer.json"),
                tokenizer.replace("<|im_start|>", "<s>").replace("<|im_end|>", "</s>"));
        try (var model = SeerChatModel.builder().modelPath(mistral).maxOutputTokens(1).build()) {
            model.chat(SystemMessage.from("Be kind."), UserMessage.from("Hi"));
            refused(InvalidRequestException.class, model, "message 2 is the words of system, wanted assistant",
                    messages(UserMessage.from("Hi"), SystemMessage.from("Be kind."), UserMessage.from("Ho")));
            refused(InvalidRequestException.class, model, "message 2 is the words of nobody, wanted user",
                    messages(SystemMessage.from("Be kind.")));
        }
    }

    private static void fails(Class<? extends Exception> kind, String part, SeerModelBuilder<SeerChatModel> builder) {
        tells(part, assertThrows(kind, builder::build));
    }

    @Test
    void optionsThatSayTwoThingsOrNothing() throws IOException {
        Path model = TalkingDemo.write(folder.resolve("m"));
        var all = IllegalArgumentException.class;
        fails(all, "modelPath is not set", SeerChatModel.builder());
        fails(all, "nothing uses gates", SeerChatModel.builder().modelPath(model).gatePath(Demo.GATE));
        fails(all, "maxOutputTokens is 0", SeerChatModel.builder().modelPath(model).maxOutputTokens(0));
        fails(all, "threads is 0", SeerChatModel.builder().modelPath(model).threads(0));
        fails(all, "precision bf16 with backend cpu", SeerChatModel.builder().backend("cpu").precision("bf16"));
        fails(all, "precision int8 with backend simulator, wanted cpu",
                SeerChatModel.builder().backend("simulator").precision("int8"));
        fails(all, "has no chat template, wanted one", SeerChatModel.builder().modelPath(Demo.MODEL));
        fails(BackendUnavailableException.class, "backend tornado: only the simulator is on the class path",
                SeerChatModel.builder().modelPath(model).backend("tornado"));
        Files.move(model.resolve("gate"), model.resolve("elsewhere"));
        fails(all, "there is no folder of gates " + model.resolve("gate") + ", which gate:density=0.1 needs",
                SeerChatModel.builder().modelPath(model).density(0.1));
        Files.writeString(model.resolve("chat_template.jinja"), "{{'<start_of_turn>'}}");
        fails(MalformedModelException.class, "wanted a chat template of one of the forms",
                SeerChatModel.builder().modelPath(model));
        Files.writeString(model.resolve("chat_template.jinja"), "<|start_header_id|>");
        fails(all, "the tokenizer has no token <|", SeerChatModel.builder().modelPath(model));
        tells("backend is \"gpu\", wanted one of auto, cpu, tornado, simulator",
                assertThrows(all, () -> SeerChatModel.builder().backend("gpu")));
        tells("blocks are chosen by gate:density=0.1 and by gate:threshold=0.1",
                assertThrows(all, () -> SeerChatModel.builder().density(0.1).threshold(0.1)));
        tells("selector is \"gate:density=2.0\", wanted", assertThrows(all, () -> SeerChatModel.builder().density(2)));
    }
}
