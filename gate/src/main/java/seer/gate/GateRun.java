package seer.gate;

import java.util.List;
import java.util.stream.Stream;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.backend.Backend;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;

/// One prompt passing through the gates: keeps the projected, rotated keys of earlier chunks, layer by layer, so
/// that a prompt read in chunks gets the mask of the same prompt read at once.
final class GateRun implements BlockSelector.Run {
    private final AttnGate gate;
    private final SelectionRule rule;
    private final ForcedBlocks forced;
    private final Backend backend;
    private final Rotary rotary;
    private final List<Tensor> keys; // [layers] of [key heads, n, E]
    private final Tensor pooledKeys; // [G, n, poolings * D]
    private final Tensor pooledQueries; // [H, blocks of a chunk, poolings * D]
    private final Tensor queries; // [H, blocks of a chunk, E]; the pooled ones where nothing projects them

    GateRun(AttnGate gate, SelectionRule rule, ForcedBlocks forced, BlockSelector.Prompt prompt) {
        this.gate = gate;
        this.rule = rule;
        this.forced = forced;
        this.backend = prompt.backend();
        var model = prompt.config();
        var config = gate.config();
        int blocks = Math.ceilDiv(prompt.total(), config.block());
        int chunkBlocks = Math.min(blocks, Math.ceilDiv(prompt.chunk(), config.block()));
        this.rotary = model.rope().rotary(config.width());
        this.keys = Stream.generate(() -> backend.allocate(gate.keyHeads(), blocks, config.width()))
                .limit(model.layers()).toList();
        this.pooledKeys = backend.allocate(model.groups(), blocks, config.keyPooling().size() * model.headWidth());
        this.pooledQueries = backend.allocate(model.heads(), chunkBlocks,
                config.queryPooling().size() * model.headWidth());
        this.queries = gate.layer(0).query() == null ? pooledQueries
                : backend.allocate(model.heads(), chunkBlocks, config.width());
    }

    @Override
    public BlockMask select(LayerView view) {
        int block = gate.config().block();
        int first = view.firstBlock(block);
        GateLayer layer = gate.layer(view.layer());
        return backend.gate(
                new GateSide(view.rawQueries(), gate.config().queryPooling(), layer.query(), pooledQueries, queries, 0),
                new GateSide(view.rawKeys(), gate.config().keyPooling(), layer.key(), pooledKeys,
                        keys.get(view.layer()), first),
                new GateChunk(view.rows(), block, first, view.totalBlocks(block)), rotary, scale(), rule, forced);
    }

    /// Raw scores of one head for the chunk last selected, `[rows, first row + rows]`.
    float[] scores(LayerView view, int head) {
        int block = gate.config().block();
        return backend.blockScores(queries, keys.get(view.layer()), head, view.firstBlock(block), view.blocks(block),
                scale());
    }

    private double scale() {
        return 1 / Math.sqrt(gate.config().width());
    }
}
