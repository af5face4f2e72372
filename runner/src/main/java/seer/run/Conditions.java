package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import seer.eval.WarmUp;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.ElementType;

/// What holds for every row of a result: which blocks are computed whatever the scores say, and what was read before
/// anything was measured. Fields are null where they would say nothing.
///
/// @param denseLastRows rows of blocks at the prompt's end that keep every block; null where each row says its own
/// @param keepFirst     whether every row keeps the first block
/// @param forcedShare   of the causal blocks, forced ones; null where the rows' prompts or blocks differ
/// @param warmUpTokens  most tokens that a selector reads before the prefill that counts
/// @param cache         how keys and values are kept, where that is not as everything else is
/// @param cacheFrom     in sessions of how many tokens; null where in all
@JsonInclude(JsonInclude.Include.NON_NULL)
record Conditions(@JsonProperty("dense_last_rows") Integer denseLastRows,
                  @JsonProperty("keep_first") Boolean keepFirst, @JsonProperty("forced_share") Double forcedShare,
                  @JsonProperty("warm_up_tokens") Integer warmUpTokens, @JsonProperty("cache") String cache,
                  @JsonProperty("cache_from_tokens") Integer cacheFrom) {
    /// Of what has none of these.
    static final Conditions NONE = new Conditions(null, null, null, null, null, null);

    /// Of rows that read one prompt, or prompts of one length, with these selectors.
    static Conditions of(ForcedBlocks forced, Collection<BlockSelector> selectors, int tokens, boolean warmUp) {
        Integer most = warmUp ? WarmUp.most(tokens) : null;
        int[] blocks = selectors.stream().filter(each -> !isDense(each)).mapToInt(BlockSelector::block).distinct()
                .toArray();
        if (blocks.length == 0) {
            return new Conditions(null, null, null, most, null, null);
        }
        return new Conditions(forced.denseLastRows(), forced.keepFirst(),
                blocks.length == 1 ? share(forced, Math.ceilDiv(tokens, blocks[0])) : null, most, null, null);
    }

    /// Of rows that name their last rows themselves.
    static Conditions ofRows(boolean keepFirst, int longest) {
        return new Conditions(null, keepFirst, null, WarmUp.most(longest), null, null);
    }

    /// The same with keys and values kept as the model's sessions keep them.
    ///
    /// @param capacities of the sessions, in tokens
    Conditions keeping(LanguageModel model, Collection<Integer> capacities) {
        List<Integer> halves = capacities.stream().filter(capacity -> isHalf(model, capacity)).sorted().toList();
        return halves.isEmpty() ? this : new Conditions(denseLastRows, keepFirst, forcedShare, warmUpTokens,
                ElementType.F16.name().toLowerCase(Locale.ROOT),
                halves.size() == capacities.size() ? null : halves.getFirst());
    }

    private static boolean isHalf(LanguageModel model, int capacity) {
        return model.memory(capacity, model.backend().chunk()).cacheType() == ElementType.F16;
    }

    private static boolean isDense(BlockSelector selector) {
        return selector.label().equals(BlockSelector.dense().label());
    }

    /// Forced blocks of all causal ones, in a map of that many rows of blocks.
    static double share(ForcedBlocks forced, int rows) {
        long kept = 0;
        for (int row = 0; row < rows; row++) {
            kept += row >= rows - forced.denseLastRows() ? row + 1 : forced.keepFirst() && row > 0 ? 2 : 1;
        }
        return kept / (rows * (rows + 1.0) / 2);
    }

    /// In words, a line for each.
    void print(PrintWriter out) {
        if (keepFirst != null) {
            out.println("density: computed blocks of all causal ones; forced ones count: the diagonal"
                    + (keepFirst ? ", the first block of each row" : "") + lastRows() + share()
                    + ". So it can exceed what a selector asks for, most on short prompts.");
        }
        if (cache != null) {
            out.printf(Locale.ROOT, "cache: keys and values are kept as 16-bit floats%s; --precision f32 keeps all of "
                    + "them.%n", cacheFrom == null ? ""
                    : String.format(Locale.ROOT, " in sessions of %,d tokens and more", cacheFrom));
        }
        if (warmUpTokens != null) {
            out.printf(Locale.ROOT, "warm-up: each selector first reads up to %,d tokens, which do not count.%n",
                    warmUpTokens);
        }
    }

    private String lastRows() {
        return denseLastRows == null ? ", as many last rows of blocks as a row says"
                : denseLastRows == 0 ? "" : denseLastRows == 1 ? ", the last row of blocks"
                : ", the last " + denseLastRows + " rows of blocks";
    }

    private String share() {
        return forcedShare == null ? "" : String.format(Locale.ROOT, " (%.3f of all here)", forcedShare);
    }
}
