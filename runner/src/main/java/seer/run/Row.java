package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import seer.model.BlockSelector;
import seer.model.Perplexity;
import seer.model.PrefillReport;

/// One line of a result: what one selector cost and gave. Fields are null where they were not measured.
///
/// @param selector     label
/// @param onHost       whether the selector brings tensors to the host to choose there
/// @param density      share of causal blocks computed, forced ones counted
/// @param ttftMs       from tokens in memory to the first drawn token
/// @param tokensPerS   prompt tokens read per second
/// @param attentionMs  of it in attention
/// @param selectionMs  of it in choosing blocks
/// @param compileMs    in compiling kernels for a device meanwhile, warm-up included
/// @param peakRssMib   largest resident memory meanwhile
/// @param perplexity   of the prompt, each token from those before it
/// @param answer       the continuation
/// @param wanted       the right continuation, if known
@JsonInclude(JsonInclude.Include.NON_NULL)
record Row(@JsonProperty("selector") String selector, @JsonProperty("selection_on_host") boolean onHost,
           @JsonProperty("density") double density, @JsonProperty("ttft_ms") Double ttftMs,
           @JsonProperty("tokens_per_s") Double tokensPerS, @JsonProperty("attention_ms") Double attentionMs,
           @JsonProperty("selection_ms") Double selectionMs, @JsonProperty("compile_ms") Double compileMs,
           @JsonProperty("peak_rss_mib") Double peakRssMib,
           @JsonProperty("perplexity") Double perplexity, @JsonProperty("answer") String answer,
           @JsonProperty("wanted") String wanted) {

    Row {
        finite(selector, "density", density);
        finite(selector, "ttft_ms", ttftMs);
        finite(selector, "tokens_per_s", tokensPerS);
        finite(selector, "perplexity", perplexity);
    }

    /// A number that is none must not pass as a result.
    private static void finite(String selector, String field, Double value) {
        if (value != null && !Double.isFinite(value)) {
            throw new IllegalArgumentException(field + " with " + selector + " is " + value + ", wanted a finite "
                    + "number: the model's weights, its logits or the scores that blocks are chosen by are not "
                    + "finite, or far beyond what a model gives");
        }
    }

    static Row of(BlockSelector selector, PrefillReport report, long firstTokenNanos, double peakMib,
                  Double perplexity, String answer, String wanted) {
        double ttft = (report.totalNanos() + firstTokenNanos) * 1e-6;
        return new Row(selector.label(), selector.onHost(), report.density(), ttft,
                report.tokens() / (ttft * 1e-3), report.attentionNanos() * 1e-6, report.selectionNanos() * 1e-6, null,
                Double.isNaN(peakMib) ? null : peakMib, perplexity, answer, wanted);
    }

    static Row of(BlockSelector selector, Perplexity perplexity, double peakMib) {
        return new Row(selector.label(), selector.onHost(), perplexity.density(), null,
                perplexity.tokens() / (perplexity.totalNanos() * 1e-9), null, null, null,
                Double.isNaN(peakMib) ? null : peakMib, perplexity.value(), null, null);
    }

    Row withPerplexity(double value) {
        return new Row(selector, onHost, density, ttftMs, tokensPerS, attentionMs, selectionMs, compileMs, peakRssMib,
                value, answer, wanted);
    }

    Row withAnswer(String shown) {
        return new Row(selector, onHost, density, ttftMs, tokensPerS, attentionMs, selectionMs, compileMs, peakRssMib,
                perplexity, shown, wanted);
    }

    /// Nothing where nothing was compiled.
    Row withCompiling(long nanos) {
        return new Row(selector, onHost, density, ttftMs, tokensPerS, attentionMs, selectionMs,
                nanos == 0 ? null : nanos * 1e-6, peakRssMib, perplexity, answer, wanted);
    }
}
