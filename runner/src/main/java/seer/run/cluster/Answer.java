package seer.run.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Map;

/// What came of a document: the column or field `seer` of the results. Fields are null where they were not asked for,
/// and all but the last where the document could not be read.
///
/// @param answer         the continuation
/// @param perplexity     of the prompt, each token from those before it
/// @param logLikelihoods of the second token and those after it, in nats
/// @param tokens         of the prompt
/// @param density        share of causal blocks computed, forced ones counted
/// @param selector       that chose them
/// @param times          by part
/// @param backend        where it was computed
/// @param device         as it names itself
/// @param arithmetic     precision and rung of the kernels, such as `bf16, wgmma`
/// @param cache          how keys and values were kept
/// @param kernels        taken until then, by operation, where there are several to choose from; null where never
/// @param error          why the document could not be read, in one sentence; null if it was
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Answer(String answer, Double perplexity, @JsonProperty("log_likelihoods") float[] logLikelihoods,
                     Integer tokens, Double density, String selector, @JsonProperty("ms") Times times, String backend,
                     String device, String arithmetic, String cache, Map<String, String> kernels,
                     String error) implements Serializable {

    /// Milliseconds.
    ///
    /// @param tokenize  text to tokens
    /// @param waiting   for documents before it
    /// @param prefill   tokens to the logits of the last position
    /// @param attention of it in attention
    /// @param selection of it in choosing blocks
    /// @param answer    drawing tokens
    public record Times(double tokenize, double waiting, double prefill, double attention, double selection,
                        double answer) implements Serializable { }

    /// Of a document that could not be read.
    public static Answer failed(String error) {
        return new Answer(null, null, null, null, null, null, null, null, null, null, null, null,
                error.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
