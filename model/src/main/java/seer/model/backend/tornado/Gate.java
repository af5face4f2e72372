package seer.model.backend.tornado;

import java.lang.ref.Reference;
import java.util.EnumSet;
import seer.kernels.gate.BlockSelection;
import seer.kernels.gate.GateVectors;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Rotary;
import uk.ac.manchester.tornado.api.KernelContext;

/// A whole gate as one graph of two kernels that share one buffer of numbers: a launch costs more than the gate's
/// arithmetic does.
///
/// ```text
///   raw queries, raw keys -pool, map, rotate-> queries, keys -score, select-> lists
/// ```
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
    boolean fits(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary) {
        int depth = queries.raw().shape()[2];
        return chunk.tokens() > 0 && keys.raw().shape()[2] == depth && fits(queries) && fits(keys);
    }

    private static boolean fits(GateSide side) {
        int inputs = side.poolings().size() * side.raw().shape()[2];
        return inputs <= GateVectors.MOST_INPUTS && side.vectors().shape()[2] <= GateVectors.MOST_WIDTH
                && EnumSet.copyOf(side.poolings()).size() == side.poolings().size();
    }

    DeviceMask select(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                      SelectionRule rule, ForcedBlocks forced) {
        String name = rule instanceof SelectionRule.TopBlocks ? "gate top" : "gate above";
        Operation gate = device.operation(name, () -> new Operation(name)
                .step((graph, id, step) -> graph.task(id, GateVectors::fused, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.integers().array(),
                        device.tensors().array(), device.tensors().array(), step.p()))
                .sharing(selection.task(rule)).local(BlockSelection.LOCAL_BYTES));
        Frequencies.Turns turns = frequencies.of(rotary);
        int rows = chunk.blocks();
        var q = (DeviceTensor) queries.vectors();
        DeviceMask mask = selection.set(gate.step(1), q, (DeviceTensor) keys.vectors(), chunk.firstBlock(), rows,
                chunk.totalBlocks(), chunk.block(), scale, rule, forced);
        Step vectors = gate.step(0).put(GateVectors.P_TOKENS, chunk.tokens())
                .put(GateVectors.P_D, queries.raw().shape()[2]).put(GateVectors.P_BLOCK, chunk.block())
                .put(GateVectors.P_FIRST, chunk.position()).put(GateVectors.P_HALF, rotary.width() / 2)
                .put(GateVectors.P_TURNS, turns.turnsAt()).put(GateVectors.P_REST, turns.rest().offset());
        put(vectors, GateVectors.P_KEYS, keys);
        put(vectors, GateVectors.P_QUERIES, queries);
        vectors.groups(Math.ceilDiv(rows, GateVectors.BLOCKS),
                queries.raw().shape()[0] + keys.raw().shape()[0], 1, GateVectors.ITEMS);
        device.run(gate);
        Reference.reachabilityFence(turns);
        return mask;
    }

    /// The numbers of a side, from place `at` on.
    private static void put(Step step, int at, GateSide side) {
        var raw = (DeviceTensor) side.raw();
        var vectors = (DeviceTensor) side.vectors();
        int width = vectors.extent(2);
        step.put(at + GateVectors.SIDE_HEADS, raw.extent(0))
                .put(at + GateVectors.SIDE_SHARE, vectors.extent(0) / raw.extent(0))
                .put(at + GateVectors.SIDE_RAW, raw.offset()).put(at + GateVectors.SIDE_RAW_STRIDE, raw.stride())
                .put(at + GateVectors.SIDE_POOLINGS, side.poolings().size())
                .put(at + GateVectors.SIDE_MAX, side.poolings().indexOf(Pooling.MAX))
                .put(at + GateVectors.SIDE_MIN, side.poolings().indexOf(Pooling.MIN))
                .put(at + GateVectors.SIDE_AVERAGE, side.poolings().indexOf(Pooling.AVG))
                .put(at + GateVectors.SIDE_WEIGHTS,
                        side.weights() == null ? -1 : ((DeviceTensor) side.weights()).offset())
                .put(at + GateVectors.SIDE_WIDTH, width)
                .put(at + GateVectors.SIDE_Y, vectors.offset() + side.at() * width)
                .put(at + GateVectors.SIDE_Y_STRIDE, vectors.stride());
    }
}
