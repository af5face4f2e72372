package seer.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import seer.model.Reply;
import seer.model.backend.Backend;

/// What is known of an answer beyond its text: also how sparsely its prompt was read, how long that took, and where.
///
/// Answers stop for three reasons: the model said so or a stop sequence came (`STOP`), or there were as many tokens as
/// were wanted or as fit the context (`LENGTH`).
public final class SeerChatResponseMetadata extends ChatResponseMetadata {
    private final Figures figures;

    /// What answers of other models do not come with.
    ///
    /// @param selector         how blocks were chosen, as the command line writes it
    /// @param density          share of the attention map's causal blocks that were computed, over all layers
    /// @param timeToFirstToken from the request's turn to the answer's first token; zero where there is none
    /// @param backend          `cpu` or `tornado`
    /// @param device           as it names itself
    /// @param precision        of weights and activations: `f32` or `bf16`; `int8` where a layer's products with
    ///                         weights of four bits are in whole numbers, all else in `f32`
    /// @param cache            of keys and values: `f32` or `bf16`, or `f16` or `int8` for long texts of quantized
    ///                         models
    /// @param arithmetic       precision and kind of the kernels, as results name them: `bf16, wgmma`
    public record Figures(String selector, double density, Duration timeToFirstToken, String backend, String device,
                          String precision, String cache, String arithmetic) { }

    private SeerChatResponseMetadata(Builder builder) {
        super(builder);
        this.figures = builder.figures;
    }

    static SeerChatResponseMetadata of(String model, Backend backend, String precision, Reply reply,
                                       FinishReason reason) {
        var prompt = reply.prompt();
        return new Builder().modelName(model).tokenUsage(new TokenUsage(prompt.tokens(), reply.tokens().length))
                .finishReason(reason)
                .figures(new Figures(prompt.selector(), prompt.density(), Duration.ofNanos(reply.firstTokenNanos()),
                        backend.info().backend(), backend.info().device(),
                        precision, prompt.cache().name().toLowerCase(Locale.ROOT), backend.arithmetic()))
                .build();
    }

    /// What answers of other models do not come with.
    public Figures figures() {
        return figures;
    }

    @Override
    public Builder toBuilder() {
        return (Builder) toBuilder(new Builder().figures(figures));
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other) && figures.equals(((SeerChatResponseMetadata) other).figures);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), figures);
    }

    @Override
    public String toString() {
        return "SeerChatResponseMetadata{modelName='" + modelName() + "', tokenUsage=" + tokenUsage()
                + ", finishReason=" + finishReason() + ", " + figures + '}';
    }

    /// Changes a copy.
    public static final class Builder extends ChatResponseMetadata.Builder<Builder> {
        private Figures figures;

        private Builder() { }

        private Builder figures(Figures figures) {
            this.figures = figures;
            return this;
        }

        @Override
        public SeerChatResponseMetadata build() {
            return new SeerChatResponseMetadata(this);
        }
    }
}
