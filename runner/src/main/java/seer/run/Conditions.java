package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import seer.eval.Contender;
import seer.eval.WarmUp;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.ElementType;
import seer.run.bench.KeptCache;

/// What holds for every row of a result: which blocks are computed whatever the scores say, and what was read before
/// anything was measured. Fields are null where they would say nothing.
///
/// @param denseLastRows rows of blocks at the prompt's end that keep every block; null where each row says its own
/// @param keepFirst     whether every row of blocks keeps the first one; null where selectors differ in it
/// @param withoutFirst  labels of the selectors that do not, where others do: thresholds may be found without
/// @param forcedShare   of the causal blocks, forced ones; null where the prompts, blocks or selectors differ
/// @param warmUpTokens  most tokens that a selector reads before the prefill that counts
/// @param cache         how keys and values are kept, where that is not as everything else is
/// @param cacheFrom     in sessions of how many tokens; null where in all
@JsonInclude(JsonInclude.Include.NON_NULL)
record Conditions(@JsonProperty("dense_last_rows") Integer denseLastRows,
                  @JsonProperty("keep_first") Boolean keepFirst,
                  @JsonProperty("without_first") List<String> withoutFirst,
                  @JsonProperty("forced_share") Double forcedShare,
                  @JsonProperty("warm_up_tokens") Integer warmUpTokens, @JsonProperty("cache") String cache,
                  @JsonProperty("cache_from_tokens") Integer cacheFrom) {
    /// Of what has none of these.
    static final Conditions NONE = new Conditions(null, null, null, null, null, null, null);

    /// Of rows that read one prompt, or prompts of one length, with these selectors.
    static Conditions of(Collection<BlockSelector> selectors, int tokens, boolean warmUp) {
        var sparse = sparse(selectors.stream()
                .map(each -> new Contender(each.label(), each, each.forced().denseLastRows())));
        var forced = sparse.stream().map(each -> each.selector().forced()).distinct().toList();
        long blocks = sparse.stream().map(each -> each.selector().block()).distinct().count();
        Double share = forced.size() == 1 && blocks == 1 ? (Double) share(forced.getFirst(),
                Math.ceilDiv(tokens, sparse.getFirst().selector().block())) : null;
        return new Conditions(forced.isEmpty() ? null : forced.getFirst().denseLastRows(), keepFirst(sparse),
                withoutFirst(sparse), share, warmUp ? WarmUp.most(tokens) : null, null, null);
    }

    /// Of rows that name their last rows themselves.
    static Conditions ofRows(Collection<Contender> contenders, int longest) {
        var sparse = sparse(contenders.stream());
        return new Conditions(null, keepFirst(sparse), withoutFirst(sparse), null, WarmUp.most(longest), null, null);
    }

    /// The same where every selector does as it is told.
    static Conditions ofRows(boolean keepFirst, int longest) {
        return new Conditions(null, keepFirst, null, null, WarmUp.most(longest), null, null);
    }

    private static List<Contender> sparse(Stream<Contender> contenders) {
        return contenders.filter(each -> !each.selector().label().equals(BlockSelector.dense().label())).toList();
    }

    private static Boolean keepFirst(List<Contender> sparse) {
        var kept = sparse.stream().map(each -> each.selector().forced().keepFirst()).distinct().toList();
        return kept.size() == 1 ? kept.getFirst() : null;
    }

    private static List<String> withoutFirst(List<Contender> sparse) {
        var without = sparse.stream().filter(each -> !each.selector().forced().keepFirst()).map(Contender::label)
                .distinct().toList();
        return without.isEmpty() || without.size() == sparse.size() ? null : without;
    }

    /// The same with keys and values kept as the model's sessions keep them.
    ///
    /// @param capacities of the sessions, in tokens
    Conditions keeping(LanguageModel model, Collection<Integer> capacities) {
        var rounded = new TreeMap<Integer, ElementType>();
        for (int capacity : capacities) {
            var type = model.memory(capacity, model.backend().chunk()).cacheType();
            if (KeptCache.name(type) != null) {
                rounded.put(capacity, type);
            }
        }
        return rounded.isEmpty() ? this : new Conditions(denseLastRows, keepFirst, withoutFirst, forcedShare,
                warmUpTokens, KeptCache.name(rounded.firstEntry().getValue()),
                rounded.size() == Set.copyOf(capacities).size() ? null : rounded.firstKey());
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
        if (keepFirst != null || withoutFirst != null) {
            out.println("density: computed blocks of all causal ones; forced ones count: the diagonal"
                    + first() + lastRows() + share()
                    + ". So it can exceed what a selector asks for, most on short prompts.");
        }
        if (cache != null) {
            out.printf(Locale.ROOT, "cache: keys and values are kept as %s%s; --precision f32 keeps all of them.%n",
                    KeptCache.words(ElementType.valueOf(cache.toUpperCase(Locale.ROOT))), cacheFrom == null ? ""
                    : String.format(Locale.ROOT, " in sessions of %,d tokens and more", cacheFrom));
        }
        if (warmUpTokens != null) {
            out.printf(Locale.ROOT, "warm-up: each selector first reads up to %,d tokens, which do not count.%n",
                    warmUpTokens);
        }
    }

    private String first() {
        return withoutFirst != null ? ", the first block of each row (not with " + String.join(", ", withoutFirst) + ")"
                : keepFirst ? ", the first block of each row" : "";
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
