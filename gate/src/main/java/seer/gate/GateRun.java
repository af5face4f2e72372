package seer.gate;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import seer.gate.rival.Softmax;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BlockKeys;
import seer.model.backend.GateChunk;
import seer.model.backend.GatePools;
import seer.model.backend.GateSide;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;

/// One prompt passing through the gates: keeps the projected, rotated keys of earlier chunks, layer by layer, so
/// that a prompt read in chunks gets the mask of the same prompt read at once.
///
/// Tokens that continue the prompt are read densely. Their keys join the open block, the last one that is not full, and
/// when it is, it is pooled, so that the gate's keys are at any time those of the whole text's full blocks.
final class GateRun implements BlockSelector.Run {
    private final AttnGate gate;
    private final List<SelectionRule> rules; // [layers]
    private final ForcedBlocks forced;
    private final Arena arena; // of the prompt
    private final Backend backend;
    private final Rotary rotary; // null where nothing is turned
    private final Tensor[] keys; // [layers] of [key heads, vectors, E]
    private final Tensor[] open; // [layers] of [G, B, D], raw keys of the open block
    private Tensor pooledKeys; // [G, vectors, poolings * D]
    private final Tensor pooledQueries; // [H, blocks of a chunk, poolings * D]
    private final Tensor queries; // [H, blocks of a chunk, E]; the pooled ones where nothing projects them

    /// One rule for all layers.
    GateRun(AttnGate gate, SelectionRule rule, ForcedBlocks forced, BlockSelector.Prompt prompt) {
        this(gate, Collections.nCopies(gate.layers(), rule), forced, prompt);
    }

    /// @param rules one for each layer
    GateRun(AttnGate gate, List<SelectionRule> rules, ForcedBlocks forced, BlockSelector.Prompt prompt) {
        this.gate = gate;
        this.rules = rules;
        this.forced = forced;
        this.arena = prompt.arena();
        this.backend = prompt.backend();
        var model = prompt.config();
        var config = gate.config();
        int blocks = Math.ceilDiv(prompt.total(), config.block());
        int vectors = Math.ceilDiv(prompt.total(), config.keyBlock());
        int chunkBlocks = Math.min(blocks, Math.ceilDiv(prompt.chunk(), config.block()));
        this.rotary = config.rope() ? model.rope().rotary(config.width(), prompt.total()) : null;
        arena.reserve((long) vectors * (model.layers() * gate.keyHeads() * config.width()
                + model.groups() * config.keyPooling().size() * model.headWidth())
                + (long) model.layers() * model.groups() * config.block() * model.headWidth()
                + (long) chunkBlocks * model.heads()
                * (config.queryPooling().size() * model.headWidth() + config.width()));
        this.keys = tensors(model.layers(), gate.keyHeads(), vectors, config.width());
        this.open = tensors(model.layers(), model.groups(), config.block(), model.headWidth());
        this.pooledKeys = arena.room(model.groups(), vectors, config.keyPooling().size() * model.headWidth());
        this.pooledQueries = arena.room(model.heads(), chunkBlocks,
                config.queryPooling().size() * model.headWidth());
        this.queries = gate.layer(0).query() == null ? pooledQueries
                : arena.room(model.heads(), chunkBlocks, config.width());
    }

    private Tensor[] tensors(int count, int... shape) {
        return Stream.generate(() -> arena.room(shape)).limit(count).toArray(Tensor[]::new);
    }

    @Override
    public GatePools pools(int offset) {
        if (gate.config().fold() > 1) {
            return null; // keys in smaller blocks than queries are pooled by themselves
        }
        int block = gate.config().block();
        return new GatePools(block, gate.config().queryPooling(), pooledQueries, gate.config().keyPooling(), pooledKeys,
                offset / block);
    }

    @Override
    public BlockMask select(LayerView view) {
        int block = gate.config().block();
        int tail = view.rows() % block;
        if (tail > 0) {
            copy(view.rawKeys(), view.rows() - tail, tail, open[view.layer()], 0);
        }
        int first = view.firstBlock(block);
        GateLayer layer = gate.layer(view.layer());
        return backend.gate(
                new GateSide(view.rawQueries(), gate.config().queryPooling(), layer.query(), pooledQueries,
                        view.pooled(), queries, 0),
                new GateSide(view.rawKeys(), gate.config().keyPooling(), layer.key(), pooledKeys, view.pooled(),
                        keys[view.layer()], first * gate.config().fold()),
                new GateChunk(view.rows(), block, first, view.totalBlocks(block), gate.config().keyBlock()), rotary,
                scale(), rules.get(view.layer()), forced, arena);
    }

    @Override
    public BlockMask step(LayerView view) {
        int block = gate.config().block();
        int place = view.offset() % block;
        copy(view.rawKeys(), 0, 1, open[view.layer()], place);
        if (place == block - 1) {
            fill(view, view.offset() / block);
        }
        return null;
    }

    /// Pools, projects and rotates the keys of a block that has become full.
    private void fill(LayerView view, int row) {
        int block = gate.config().block();
        int layer = view.layer();
        int part = gate.config().keyBlock();
        int fold = gate.config().fold();
        int first = row * fold;
        keys[layer] = grown(keys[layer], first + fold - 1);
        pooledKeys = grown(pooledKeys, first + fold - 1);
        backend.pool(open[layer], 0, block, part, gate.config().keyPooling(), pooledKeys, first);
        backend.projectHeads(pooledKeys, gate.layer(layer).key(), first, fold, keys[layer]);
        if (rotary != null) {
            backend.rotate(keys[layer], first, fold, view.rotary(gate.config().width()), row * block, part, keys[layer],
                    first);
        }
    }

    /// The tensor, or one of twice its rows with the same beginning where it has no row `row`.
    private Tensor grown(Tensor x, int row) {
        int rows = x.extent(1);
        if (row < rows) {
            return x;
        }
        Tensor longer = arena.allocate(x.extent(0), Math.max(row + 1, 2 * rows), x.extent(2));
        copy(x, 0, rows, longer, 0);
        return longer;
    }

    /// A block of one token is the token itself: rows are copied without leaving the backend.
    private void copy(Tensor x, int from, int rows, Tensor target, int at) {
        backend.pool(x, from, rows, 1, List.of(Pooling.AVG), target, at);
    }

    /// Those up to the end of the chunk last selected.
    private BlockKeys keys(LayerView view) {
        return new BlockKeys(keys[view.layer()], gate.config().fold(),
                Math.ceilDiv(view.offset() + view.rows(), gate.config().keyBlock()));
    }

    /// The gate's keys of a layer, `[key heads, vectors, E]`.
    Tensor keys(int layer) {
        return keys[layer];
    }

    /// @throws NotFiniteException if a causal block's is NaN or infinite
    @Override
    public float[] scores(LayerView view, int head) {
        int block = gate.config().block();
        int first = view.firstBlock(block);
        int rows = view.blocks(block);
        float[] scores = backend.blockScores(queries, keys(view), head, first, rows, scale());
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j <= first + row; j++) {
                if (!Float.isFinite(scores[row * (first + rows) + j])) {
                    throw NotFiniteException.score(head, first + row);
                }
            }
        }
        return scores;
    }

    /// The mask of the chunk last selected by another rule.
    BlockMask select(LayerView view, SelectionRule rule) {
        int block = gate.config().block();
        return backend.select(queries, keys(view), view.firstBlock(block), view.blocks(block),
                view.totalBlocks(block), block, scale(), rule, forced, arena);
    }

    /// Probabilities of the chunk last selected, `[H][..]`: the causal blocks that a rule decides on, row by row, which
    /// is all but the diagonal and, where it is kept anyway, the first one.
    float[][] probabilities(LayerView view) {
        int block = gate.config().block();
        var probabilities = new float[view.config().heads()][];
        for (int head = 0; head < probabilities.length; head++) {
            probabilities[head] = scores(view, head);
        }
        IntStream.range(0, probabilities.length).parallel().forEach(head -> probabilities[head] =
                open(probabilities[head], view.firstBlock(block), view.blocks(block), forced.keepFirst() ? 1 : 0,
                        gate.config().activation()));
        return probabilities;
    }

    /// @param scores `[rows, first + rows]`, overwritten
    /// @param from   first column that is not kept anyway
    private static float[] open(float[] scores, int first, int rows, int from, GateActivation activation) {
        int columns = first + rows;
        var kept = new float[IntStream.range(0, rows).map(r -> Math.max(0, first + r - from)).sum()];
        int at = 0;
        for (int r = 0; r < rows; r++) {
            int diagonal = first + r;
            if (activation == GateActivation.SOFTMAX) {
                Softmax.inPlace(scores, r * columns, diagonal + 1);
            }
            for (int j = from; j < diagonal; j++) {
                float value = scores[r * columns + j];
                kept[at++] = activation == GateActivation.SOFTMAX ? value : GateActivation.sigmoid(value);
            }
        }
        return kept;
    }

    private double scale() {
        return 1 / Math.sqrt(gate.config().width());
    }
}
