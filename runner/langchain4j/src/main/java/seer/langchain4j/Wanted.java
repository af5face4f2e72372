package seer.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.Locale;
import seer.model.Sampling;
import seer.model.text.ChatTemplate;

/// What a request asks for, in Seer's words. What it asks for beyond that is refused, as an answer without it would be
/// another one.
record Wanted(List<ChatTemplate.Message> messages, int newTokens, Sampling sampling, List<String> stops) {

    /// @param name     of the model
    /// @param defaults how tokens are drawn; the request is complete but for the seed
    static Wanted of(ChatRequest request, String name, Sampling defaults) {
        refuse(request);
        if (request.modelName() != null && !request.modelName().equals(name)) {
            throw new InvalidRequestException("modelName is " + request.modelName() + ", wanted " + name
                    + ", the model that is open");
        }
        if (request.maxOutputTokens() < 1) {
            throw new InvalidRequestException("maxOutputTokens is " + request.maxOutputTokens()
                    + ", wanted at least 1");
        }
        if (request.stopSequences().stream().anyMatch(String::isEmpty)) {
            throw new InvalidRequestException("a stop sequence is empty, wanted at least a character");
        }
        return new Wanted(request.messages().stream().map(Wanted::message).toList(), request.maxOutputTokens(),
                sampling(request, defaults), List.copyOf(request.stopSequences()));
    }

    private static Sampling sampling(ChatRequest request, Sampling defaults) {
        try {
            return new Sampling(request.temperature(), request.topP(), defaults.seed());
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    private static void refuse(ChatRequest request) {
        if (!request.toolSpecifications().isEmpty()) {
            throw unsupported("tools, " + request.toolSpecifications().getFirst().name() + " first", "none");
        }
        if (request.toolChoice() == ToolChoice.REQUIRED) {
            throw unsupported("toolChoice REQUIRED", "AUTO, NONE or nothing");
        }
        if (request.responseFormat() != null && request.responseFormat().type() != ResponseFormatType.TEXT) {
            throw unsupported("responseFormat " + request.responseFormat().type(), "TEXT or nothing");
        }
        if (request.topK() != null) {
            throw unsupported("topK " + request.topK(), "temperature and topP alone");
        }
        refuse("frequencyPenalty", request.frequencyPenalty());
        refuse("presencePenalty", request.presencePenalty());
    }

    private static void refuse(String name, Double penalty) {
        if (penalty != null && penalty != 0) {
            throw unsupported(name + " " + penalty, "0 or nothing");
        }
    }

    private static UnsupportedFeatureException unsupported(String got, String wanted) {
        return new UnsupportedFeatureException("the request has " + got
                + ", which Seer's models do not support: wanted " + wanted);
    }

    private static ChatTemplate.Message message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> new ChatTemplate.Message("system", system.text());
            case UserMessage user -> new ChatTemplate.Message("user", text(user));
            case AiMessage answer -> new ChatTemplate.Message("assistant", text(answer));
            default -> throw unsupported("a message of type " + message.type(), "those of system, user and model");
        };
    }

    /// Several texts are parted by line breaks.
    private static String text(UserMessage user) {
        if (user.name() != null) {
            throw unsupported("a user with the name " + user.name(), "messages without names, of which their forms of "
                    + "conversations have none");
        }
        var text = new StringBuilder();
        for (Content content : user.contents()) {
            if (!(content instanceof TextContent part)) {
                throw unsupported("content of type " + content.type().name().toLowerCase(Locale.ROOT), "text");
            }
            text.append(text.isEmpty() ? "" : "\n").append(part.text());
        }
        return text.toString();
    }

    private static String text(AiMessage answer) {
        if (answer.hasToolExecutionRequests()) {
            throw unsupported("an answer that calls " + answer.toolExecutionRequests().getFirst().name(),
                    "answers of text");
        }
        if (!answer.images().isEmpty() || !answer.audios().isEmpty()) {
            throw unsupported("an answer with images or sound", "answers of text");
        }
        return answer.text() == null ? "" : answer.text();
    }
}
