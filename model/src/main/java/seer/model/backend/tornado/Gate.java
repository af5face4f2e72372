package seer.model.backend.tornado;

import java.util.EnumSet;
import seer.kernels.gate.GateVectors;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.BlockKeys;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileTensor;

/// A whole gate as one graph of two kernels that share one buffer of numbers: a launch costs more than the gate's
/// arithmetic does.
///
/// ```text
///   raw queries, raw keys -pool, map, rotate-> queries, keys -score, select-> lists
/// ```
/// The first kernel finds both sides in the same buffers. Where they lie in different banks it runs once for each side,
/// with the same result.
final class Gate {
    private final Device device;
    private final Rungs rungs;
    private final Selection selection;
    private final Frequencies frequencies;

    Gate(Device device, Rungs rungs, Selection selection, Frequencies frequencies) {
        this.device = device;
        this.rungs = rungs;
        this.selection = selection;
        this.frequencies = frequencies;
    }

    private static Work.Vectors work(GateSide queries, GateSide keys, GateChunk chunk) {
        return new Work.Vectors(chunk.blocks(), queries.raw().extent(0) + keys.raw().extent(0),
                Math.max(inputs(queries), inputs(keys)),
                Math.max(queries.vectors().extent(2), keys.vectors().extent(2)),
                distinct(queries) && distinct(keys) && queries.raw().extent(2) == keys.raw().extent(2)
                        && queries.raw().type() == keys.raw().type(),
                queries.raw().type());
    }

    private static int inputs(GateSide side) {
        return side.poolings().size() * side.raw().extent(2);
    }

    private static boolean distinct(GateSide side) {
        return EnumSet.copyOf(side.poolings()).size() == side.poolings().size();
    }

    private static boolean together(GateSide queries, GateSide keys) {
        return start(queries).bank() == start(keys).bank()
                && at(queries.vectors()).at(0).bank() == at(keys.vectors()).at(0).bank()
                && (queries.weights() == null || keys.weights() == null
                || at(queries.weights()).at(0).bank() == at(keys.weights()).at(0).bank());
    }

    private static DeviceTensor at(Tensor tensor) {
        return (DeviceTensor) tensor;
    }

    /// The first element of what a kernel reads of queries or keys: pooled ones, raw ones, or an int of a raw tile.
    private static Place start(GateSide side) {
        return side.ready() ? at(side.pooled()).at(side.at() * side.pooled().extent(2))
                : side.raw() instanceof TileTensor tiles ? tiles.start() : at(side.raw()).at(0);
    }

    private static int stride(GateSide side) {
        return side.ready() ? at(side.pooled()).stride()
                : side.raw() instanceof TileTensor tiles ? tiles.stride() : at(side.raw()).stride();
    }

    /// The lists, or null where no kernel can do it and the steps go one by one.
    DeviceMask select(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                      SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        if (chunk.tokens() == 0 || chunk.fold() > 1) {
            return null;
        }
        if (queries.ready()) {
            return selectPooled(queries, keys, chunk, rotary, scale, rule, forced, arena);
        }
        Work.Vectors work = work(queries, keys, chunk);
        Rung<Work.Vectors> rung = rungs.find(work).orElse(null);
        if (rung == null) {
            rungs.note(work, "step by step");
            return null;
        }
        boolean together = together(queries, keys);
        Rung<Work.Choice> last = selection.rung(rule, 1);
        var choice = new Work.Choice(rule, 1, 0);
        String name = rung.key(work) + (together ? ", " : " apart, ") + last.key(choice);
        Operation gate = device.operation(name, () -> {
            Operation made = rung.addTo(new Operation(name), work);
            return last.shareIn(together ? made : rung.addTo(made, work), choice);
        });
        DeviceMask mask = selection.set(gate.step(together ? 1 : 2), last, at(queries.vectors()), at(keys.vectors()),
                BlockKeys.single(keys.vectors(), keys.at() + chunk.blocks()), chunk.firstBlock(),
                chunk.blocks(), chunk.totalBlocks(), chunk.block(), scale, rule, forced, arena);
        put(gate.step(0), keys, chunk, rotary);
        if (together) {
            putQueries(gate.step(0), queries);
            rung.launch().set(gate.step(0), work);
        } else {
            rung.launch().set(gate.step(0), work.of(keys.raw().extent(0)));
            put(gate.step(1), queries, chunk, rotary);
            rung.launch().set(gate.step(1), work.of(queries.raw().extent(0)));
        }
        device.run(gate);
        return mask;
    }

    /// The same, of queries and keys that are pooled already.
    private DeviceMask selectPooled(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                                    SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        var work = new Work.Pooled(chunk.blocks(), queries.vectors().extent(0) + keys.vectors().extent(0),
                Math.max(queries.vectors().extent(2), keys.vectors().extent(2)));
        Rung<Work.Pooled> rung = rungs.find(work).orElse(null);
        if (rung == null || !together(queries, keys)) {
            rungs.note(work, "step by step");
            return null;
        }
        Rung<Work.Choice> last = selection.rung(rule, 1);
        var choice = new Work.Choice(rule, 1, 0);
        String name = rung.key(work) + ", " + last.key(choice);
        Operation gate = device.operation(name,
                () -> last.shareIn(rung.addTo(new Operation(name), work), choice));
        DeviceMask mask = selection.set(gate.step(1), last, at(queries.vectors()), at(keys.vectors()),
                BlockKeys.single(keys.vectors(), keys.at() + chunk.blocks()), chunk.firstBlock(), chunk.blocks(),
                chunk.totalBlocks(), chunk.block(), scale, rule, forced, arena);
        put(gate.step(0), keys, chunk, rotary);
        putQueries(gate.step(0), queries);
        rung.launch().set(gate.step(0), work);
        device.run(gate);
        return mask;
    }

    private static void putQueries(Step step, GateSide queries) {
        put(step, GateVectors.P_QUERIES, queries);
        if (queries.weights() != null) {
            step.buffer(GateVectors.P_KEYS + GateVectors.SIDE_WEIGHTS, at(queries.weights()).at(0));
        }
    }

    /// The numbers of both sides, and those of the one that comes first.
    private void put(Step step, GateSide first, GateChunk chunk, Rotary rotary) {
        Frequencies.Turns turns = frequencies.of(rotary);
        step.put(GateVectors.P_TOKENS, chunk.tokens()).put(GateVectors.P_D, first.raw().extent(2))
                .put(GateVectors.P_BLOCK, chunk.block()).put(GateVectors.P_FIRST, chunk.position())
                .put(GateVectors.P_HALF, rotary.width() / 2).put(GateVectors.P_TURNS, turns.whole())
                .put(GateVectors.P_REST, turns.rest());
        put(step, GateVectors.P_KEYS, first);
    }

    /// The numbers of a side, from place `at` on.
    private static void put(Step step, int at, GateSide side) {
        DeviceTensor vectors = at(side.vectors());
        int width = vectors.extent(2);
        int heads = side.raw().extent(0);
        step.put(at + GateVectors.SIDE_HEADS, heads)
                .put(at + GateVectors.SIDE_SHARE, vectors.extent(0) / heads)
                .put(at + GateVectors.SIDE_RAW, start(side))
                .put(at + GateVectors.SIDE_RAW_STRIDE, stride(side))
                .put(at + GateVectors.SIDE_POOLINGS, side.poolings().size())
                .put(at + GateVectors.SIDE_MAX, side.poolings().indexOf(Pooling.MAX))
                .put(at + GateVectors.SIDE_MIN, side.poolings().indexOf(Pooling.MIN))
                .put(at + GateVectors.SIDE_AVERAGE, side.poolings().indexOf(Pooling.AVG))
                .putOrNone(at + GateVectors.SIDE_WEIGHTS, (DeviceTensor) side.weights())
                .put(at + GateVectors.SIDE_WIDTH, width)
                .put(at + GateVectors.SIDE_Y, vectors.at(side.at() * width))
                .put(at + GateVectors.SIDE_Y_STRIDE, vectors.stride());
    }
}
