package seer.model.backend.tornado;

import seer.kernels.gate.TilePooling;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Rotary;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileTensor;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/// A whole gate over queries and keys in tiles, as one graph: what is pooled is small, and in fp32 from there on.
///
/// ```text
///   raw tiles -pool-> pooled -map-> mapped -rotate-> vectors        keys, then queries
///   vectors of both -score, select-> lists
/// ```
final class TileGate {
    private final Device device;
    private final Selection selection;
    private final Layers layers;

    TileGate(Device device, Selection selection, Layers layers) {
        this.device = device;
        this.selection = selection;
        this.layers = layers;
    }

    DeviceMask select(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                      SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        Rung<Work.Choice> last = selection.rung(rule);
        var choice = new Work.Choice(rule, 0);
        String name = "tile gate" + (keys.weights() == null ? "" : " keys")
                + (queries.weights() == null ? "" : " queries") + ", " + last.key(choice);
        Operation gate = device.operation(name, () -> {
            var made = new Operation(name);
            side(made, keys);
            side(made, queries);
            return last.addTo(made, choice);
        });
        int next = set(gate, 0, keys, chunk, rotary);
        next = set(gate, next, queries, chunk, rotary);
        DeviceMask mask = selection.set(gate.step(next), last, (DeviceTensor) queries.vectors(),
                (DeviceTensor) keys.vectors(), chunk.firstBlock(), chunk.blocks(), chunk.totalBlocks(), chunk.block(),
                scale, rule, forced, arena);
        device.run(gate);
        return mask;
    }

    private void side(Operation operation, GateSide side) {
        pooling(operation);
        if (side.weights() != null) {
            Selection.addProjection(operation);
        }
        Layers.addRotation(operation);
    }

    private int set(Operation gate, int first, GateSide side, GateChunk chunk, Rotary rotary) {
        int step = first;
        DeviceTensor pooled = (DeviceTensor) side.pooled();
        DeviceTensor mapped = pooled;
        set(gate.step(step++), (TileTensor) side.raw(), 0, chunk.tokens(), chunk.block(), side.poolings(), pooled,
                side.at());
        if (side.weights() != null) {
            mapped = (DeviceTensor) side.vectors();
            Selection.setProjection(gate.step(step++), pooled, (DeviceTensor) side.weights(), side.at(),
                    chunk.blocks(), mapped);
        }
        layers.setRotation(gate.step(step++), mapped, side.at(), chunk.blocks(), rotary, chunk.position(),
                chunk.block(), (DeviceTensor) side.vectors(), side.at());
        return step;
    }

    /// Pooling alone.
    void pool(TileTensor x, int from, int rows, int block, List<Pooling> poolings, DeviceTensor pooled, int at) {
        Operation pool = device.operation("tile pool", () -> pooling(new Operation("tile pool")));
        if (rows > 0) {
            set(pool.step(0), x, from, rows, block, poolings, pooled, at);
            device.run(pool);
        }
    }

    private static Operation pooling(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, TilePooling::pairs, new KernelContext(),
                step.integers(TilePooling.P_X), step.floats(TilePooling.P_POOLED), step.p()));
    }

    private static void set(Step step, TileTensor x, int from, int rows, int block, List<Pooling> poolings,
                            DeviceTensor pooled, int at) {
        step.put(TilePooling.P_ROWS, rows).put(TilePooling.P_FROM, from).put(TilePooling.P_D, x.width())
                .put(TilePooling.P_BLOCK, block).put(TilePooling.P_X, x.start())
                .put(TilePooling.P_X_TILES, x.rowTiles()).put(TilePooling.P_POOLED, pooled.at(at * pooled.extent(2)))
                .put(TilePooling.P_POOLED_STRIDE, pooled.stride()).put(TilePooling.P_POOLINGS, poolings.size())
                .put(TilePooling.P_MAX, poolings.indexOf(Pooling.MAX))
                .put(TilePooling.P_MIN, poolings.indexOf(Pooling.MIN))
                .put(TilePooling.P_AVERAGE, poolings.indexOf(Pooling.AVG))
                .groups(Math.ceilDiv(rows, block), x.heads(), 1, TilePooling.ITEMS);
    }
}
