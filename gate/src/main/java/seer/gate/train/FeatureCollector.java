package seer.gate.train;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.attention.Pooling;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.Tensor;

/// Takes from each layer of a dense prefill what gates learn from, at the finest block that any of them uses.
///
/// The sequence has to be read in one chunk: the log-sum-exp of a row is only then that of the whole row. What it
/// computes with is kept from sequence to sequence, until it is closed.
final class FeatureCollector implements AutoCloseable {

    /// Pooled vectors of one layer, by number of tokens.
    private record Pooled(Tensor queries, Tensor keys) { }

    private final int block;
    private final int keyBlock;
    private final List<Pooling> queryPoolings;
    private final List<Pooling> keyPoolings;
    private final boolean maxima; // whether a gate learns from them
    private final Set<BlockFeatures.Mass> masses = new LinkedHashSet<>();
    private final Map<Integer, Pooled> buffers = new HashMap<>();
    private Arena arena; // opened with the first layer

    FeatureCollector(List<GateRecipe> recipes) {
        this.block = recipes.stream().mapToInt(GateRecipe::block).min().orElseThrow();
        this.keyBlock = recipes.stream().map(recipe -> BigInteger.valueOf(recipe.keyBlock())).reduce(BigInteger::gcd)
                .orElseThrow().intValueExact();
        this.queryPoolings = union(recipes.stream().map(GateRecipe::queryPooling).toList());
        this.keyPoolings = union(recipes.stream().map(GateRecipe::keyPooling).toList());
        this.maxima = recipes.stream().anyMatch(recipe -> recipe.target() == TargetPooling.MAX);
        recipes.stream().filter(recipe -> recipe.target() != TargetPooling.MAX)
                .forEach(recipe -> masses.add(new BlockFeatures.Mass(recipe.target(), recipe.block())));
    }

    private static List<Pooling> union(List<List<Pooling>> lists) {
        var all = EnumSet.noneOf(Pooling.class);
        lists.forEach(all::addAll);
        return List.copyOf(all);
    }

    /// What is to look into a prefill.
    ///
    /// @param taken told the layer and its features
    LayerObserver taking(BiConsumer<Integer, BlockFeatures> taken) {
        return (view, mask, attention, logSumExp) -> taken.accept(view.layer(), features(view, logSumExp));
    }

    private BlockFeatures features(LayerView view, Tensor logSumExp) {
        if (view.rows() != view.total()) {
            throw new IllegalArgumentException("a chunk of " + view.rows() + " of " + view.total()
                    + " tokens came, wanted the whole sequence at once");
        }
        if (arena == null) {
            arena = view.backend().arena("its trainer", 0);
        }
        var pooled = buffers.computeIfAbsent(view.rows(), _ -> allocate(view, view.blocks(block)));
        Backend backend = view.backend();
        backend.pool(view.rawQueries(), 0, view.rows(), block, queryPoolings, pooled.queries(), 0);
        backend.pool(view.rawKeys(), 0, view.rows(), keyBlock, keyPoolings, pooled.keys(), 0);
        return new BlockFeatures(block, keyBlock, view.rows(), view.config().headWidth(), queryPoolings,
                keyPoolings, pooled.queries().download(), pooled.keys().download(),
                maxima ? largest(view, logSumExp) : List.of(), masses(view, logSumExp));
    }

    private List<float[]> largest(LayerView view, Tensor logSumExp) {
        return view.backend().pooledAttention(view.queries(), view.rows(), 0, view.cache(), logSumExp, block);
    }

    private Map<BlockFeatures.Mass, List<float[]>> masses(LayerView view, Tensor logSumExp) {
        var found = new HashMap<BlockFeatures.Mass, List<float[]>>();
        for (var mass : masses) {
            found.put(mass, view.backend().blockMass(view.queries(), view.rows(), 0, view.cache(), logSumExp,
                    mass.block(), mass.target().mass().orElseThrow()));
        }
        return found;
    }

    private Pooled allocate(LayerView view, int blocks) {
        var config = view.config();
        return new Pooled(
                arena.allocate(config.heads(), blocks, queryPoolings.size() * config.headWidth()),
                arena.allocate(config.groups(), Math.ceilDiv(view.rows(), keyBlock),
                        keyPoolings.size() * config.headWidth()));
    }

    @Override
    public void close() {
        if (arena != null) {
            arena.close();
        }
    }
}
