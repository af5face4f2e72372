package seer.model.backend.tornado;

import java.util.EnumSet;
import seer.kernels.gate.BlockSelection;
import seer.kernels.gate.GateVectors;
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
import uk.ac.manchester.tornado.api.KernelContext;

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
    private final Selection selection;
    private final Frequencies frequencies;

    Gate(Device device, Selection selection, Frequencies frequencies) {
        this.device = device;
        this.selection = selection;
        this.frequencies = frequencies;
    }

    /// Whether the kernel can do it; otherwise the steps go one by one.
    boolean fits(GateSide queries, GateSide keys, GateChunk chunk) {
        int depth = queries.raw().shape()[2];
        return chunk.tokens() > 0 && keys.raw().shape()[2] == depth && fits(queries) && fits(keys);
    }

    private static boolean fits(GateSide side) {
        int inputs = side.poolings().size() * side.raw().shape()[2];
        return inputs <= GateVectors.MOST_INPUTS && side.vectors().shape()[2] <= GateVectors.MOST_WIDTH
                && EnumSet.copyOf(side.poolings()).size() == side.poolings().size();
    }

    private static boolean together(GateSide queries, GateSide keys) {
        return at(queries.raw()).at(0).bank() == at(keys.raw()).at(0).bank()
                && at(queries.vectors()).at(0).bank() == at(keys.vectors()).at(0).bank()
                && (queries.weights() == null || keys.weights() == null
                || at(queries.weights()).at(0).bank() == at(keys.weights()).at(0).bank());
    }

    private static DeviceTensor at(seer.model.backend.Tensor tensor) {
        return (DeviceTensor) tensor;
    }

    DeviceMask select(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                      SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        boolean together = together(queries, keys);
        String name = (rule instanceof SelectionRule.TopBlocks ? "gate top" : "gate above")
                + (together ? "" : " apart");
        Operation gate = device.operation(name, () -> {
            var made = vectors(new Operation(name));
            return (together ? made : vectors(made)).sharing(selection.task(rule)).local(BlockSelection.LOCAL_BYTES);
        });
        int last = together ? 1 : 2;
        DeviceMask mask = selection.set(gate.step(last), at(queries.vectors()), at(keys.vectors()),
                chunk.firstBlock(), chunk.blocks(), chunk.totalBlocks(), chunk.block(), scale, rule, forced, arena);
        if (together) {
            set(gate.step(0), keys, chunk, rotary);
            set(gate.step(0), GateVectors.P_QUERIES, queries);
            if (queries.weights() != null) {
                gate.step(0).buffer(GateVectors.P_QUERIES + GateVectors.SIDE_WEIGHTS, at(queries.weights()).at(0));
            }
            launch(gate.step(0), chunk, at(queries.raw()).extent(0) + at(keys.raw()).extent(0));
        } else {
            set(gate.step(0), keys, chunk, rotary);
            launch(gate.step(0), chunk, at(keys.raw()).extent(0));
            set(gate.step(1), queries, chunk, rotary);
            launch(gate.step(1), chunk, at(queries.raw()).extent(0));
        }
        device.run(gate);
        return mask;
    }

    private static Operation vectors(Operation operation) {
        return operation.step((graph, id, step) -> graph.task(id, GateVectors::fused, new KernelContext(),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_RAW),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_WEIGHTS),
                step.integers(GateVectors.P_TURNS), step.floats(GateVectors.P_REST),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_Y), step.p()));
    }

    private static void launch(Step step, GateChunk chunk, int heads) {
        step.groups(Math.ceilDiv(chunk.blocks(), GateVectors.BLOCKS), heads, 1, GateVectors.ITEMS);
    }

    /// The numbers of both sides, and those of the one that comes first.
    private void set(Step step, GateSide first, GateChunk chunk, Rotary rotary) {
        Frequencies.Turns turns = frequencies.of(rotary);
        step.put(GateVectors.P_TOKENS, chunk.tokens()).put(GateVectors.P_D, first.raw().extent(2))
                .put(GateVectors.P_BLOCK, chunk.block()).put(GateVectors.P_FIRST, chunk.position())
                .put(GateVectors.P_HALF, rotary.width() / 2).put(GateVectors.P_TURNS, turns.whole())
                .put(GateVectors.P_REST, turns.rest());
        set(step, GateVectors.P_KEYS, first);
    }

    private static void set(Step step, int at, GateSide side) {
        DeviceTensor raw = at(side.raw());
        DeviceTensor vectors = at(side.vectors());
        int width = vectors.extent(2);
        step.put(at + GateVectors.SIDE_HEADS, raw.extent(0))
                .put(at + GateVectors.SIDE_SHARE, vectors.extent(0) / raw.extent(0))
                .put(at + GateVectors.SIDE_RAW, raw).put(at + GateVectors.SIDE_RAW_STRIDE, raw.stride())
                .put(at + GateVectors.SIDE_POOLINGS, side.poolings().size())
                .put(at + GateVectors.SIDE_MAX, side.poolings().indexOf(Pooling.MAX))
                .put(at + GateVectors.SIDE_MIN, side.poolings().indexOf(Pooling.MIN))
                .put(at + GateVectors.SIDE_AVERAGE, side.poolings().indexOf(Pooling.AVG))
                .put(at + GateVectors.SIDE_WIDTH, width)
                .put(at + GateVectors.SIDE_Y, vectors.at(side.at() * width))
                .put(at + GateVectors.SIDE_Y_STRIDE, vectors.stride());
        step.putOrNone(at + GateVectors.SIDE_WEIGHTS, at(side.weights()));
    }
}
