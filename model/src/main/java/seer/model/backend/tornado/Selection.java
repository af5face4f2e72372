package seer.model.backend.tornado;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import seer.kernels.attention.BlockLists;
import seer.kernels.gate.BlockPooling;
import seer.kernels.gate.BlockSelection;
import seer.kernels.gate.GateProjection;
import seer.kernels.gate.GateScore;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.BlockKeys;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// The gate's operations one by one: from queries and keys to block lists that stay on the device.
final class Selection {
    /// Block scores in flight that scratch room grows for: 32 MiB, reached at 131,072 tokens.
    private static final long SCORES = 1 << 23;
    /// Rules whose numbers are kept on the device: those of all layers, where each has a threshold of its own.
    private static final int RULES = 256;

    private final Device device;
    private final Rungs rungs;
    private final DeviceArena backend;
    private final Scratch scratch;
    private final Map<List<Float>, Place> numbers = new HashMap<>(); // scale and thresholds of rules
    private DeviceArena rules; // where they lie

    Selection(Device device, Rungs rungs, DeviceArena backend, Scratch scratch) {
        this.device = device;
        this.rungs = rungs;
        this.backend = backend;
        this.scratch = scratch;
    }

    void pool(DeviceTensor x, int from, int rows, int block, List<Pooling> poolings, DeviceTensor pooled, int at) {
        Operation pool = device.operation("pool", () -> new Operation("pool")
                .step((graph, id, step) -> graph.task(id, BlockPooling::naive, new KernelContext(),
                        step.floats(BlockPooling.P_X), step.floats(BlockPooling.P_POOLED), step.p())));
        int d = x.extent(2);
        pool.step(0).put(BlockPooling.P_HEADS, x.extent(0)).put(BlockPooling.P_ROWS, rows)
                .put(BlockPooling.P_D, d).put(BlockPooling.P_BLOCK, block)
                .put(BlockPooling.P_X, x.at(from * d)).put(BlockPooling.P_X_STRIDE, x.stride())
                .put(BlockPooling.P_POOLED, pooled.at(at * pooled.extent(2)))
                .put(BlockPooling.P_POOLED_STRIDE, pooled.stride())
                .put(BlockPooling.P_POOLINGS, poolings.size())
                .put(BlockPooling.P_MAX, poolings.indexOf(Pooling.MAX))
                .put(BlockPooling.P_MIN, poolings.indexOf(Pooling.MIN))
                .put(BlockPooling.P_AVERAGE, poolings.indexOf(Pooling.AVG))
                .items((long) x.extent(0) * Math.ceilDiv(rows, block) * d);
        if (rows > 0) {
            device.run(pool);
        }
    }

    void projectHeads(DeviceTensor pooled, DeviceTensor weights, int from, int rows, DeviceTensor y) {
        Operation project = device.operation("heads", () -> new Operation("heads")
                .step((graph, id, step) -> graph.task(id, GateProjection::rows, new KernelContext(),
                        step.floats(GateProjection.P_POOLED), step.floats(GateProjection.P_W),
                        step.floats(GateProjection.P_Y), step.p())));
        if (rows == 0) {
            return;
        }
        int heads = weights.extent(0);
        int inputs = weights.extent(1);
        int width = weights.extent(2);
        project.step(0).put(GateProjection.P_HEADS, heads).put(GateProjection.P_ROWS, rows)
                .put(GateProjection.P_INPUTS, inputs).put(GateProjection.P_WIDTH, width)
                .put(GateProjection.P_SHARE, heads / pooled.extent(0))
                .put(GateProjection.P_POOLED, pooled.at(from * inputs))
                .put(GateProjection.P_POOLED_STRIDE, pooled.stride()).put(GateProjection.P_W, weights)
                .put(GateProjection.P_Y, y.at(from * width)).put(GateProjection.P_Y_STRIDE, y.stride())
                .items((long) heads * Math.ceilDiv(rows, GateProjection.ROWS) * width);
        device.run(project);
    }

    DeviceMask select(DeviceTensor q, DeviceTensor k, BlockKeys keys, int firstRow, int rows, int totalBlocks,
                      int block, double scale, SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        Rung<Work.Choice> rung = rung(rule, keys.fold());
        var work = new Work.Choice(rule, keys.fold(), 0);
        String name = rung.key(work);
        Operation select = device.operation(name, () -> rung.addTo(new Operation(name), work));
        DeviceMask mask = set(select.step(0), rung, q, k, keys, firstRow, rows, totalBlocks, block, scale, rule,
                forced, arena);
        if (rows > 0) {
            device.run(select);
        }
        return mask;
    }

    /// The kernel of a rule.
    ///
    /// @param fold vectors to a block of keys
    Rung<Work.Choice> rung(SelectionRule rule, int fold) {
        return rungs.take(new Work.Choice(rule, fold, 0));
    }

    /// The numbers of that kernel, and the lists that it will fill.
    DeviceMask set(Step step, Rung<Work.Choice> rung, DeviceTensor q, DeviceTensor k, BlockKeys keys, int firstRow,
                   int rows, int totalBlocks, int block, double scale, SelectionRule rule, ForcedBlocks forced,
                   DeviceArena arena) {
        int heads = q.extent(0);
        int columns = firstRow + rows;
        int most = Math.toIntExact(Math.min(most(totalBlocks, rule) + 2, totalBlocks));
        long room = room(firstRow, rows, totalBlocks - forced.denseLastRows(), most);
        var mask = DeviceMask.spread(arena, heads, block, firstRow, rows, Math.toIntExact(heads * room));
        int together = GateRungs.rows(rung);
        int tiles = heads * Math.ceilDiv(rows, together);
        int groups = scratch.rows((long) together * Math.max(columns, 1), tiles, SCORES);
        step.put(BlockSelection.P_HEADS, heads).put(BlockSelection.P_ROWS, rows)
                .put(BlockSelection.P_FIRST_ROW, firstRow).put(BlockSelection.P_BLOCKS, totalBlocks)
                .put(BlockSelection.P_WIDTH, q.extent(2))
                .put(BlockSelection.P_Q, q).put(BlockSelection.P_Q_STRIDE, q.stride())
                .put(BlockSelection.P_K, k).put(BlockSelection.P_K_STRIDE, k.stride())
                .put(BlockSelection.P_SHARE, heads / k.extent(0))
                .put(BlockSelection.P_FOLD, keys.fold()).put(BlockSelection.P_LAST_KEY, keys.count() - 1)
                .put(BlockSelection.P_DENSE_LAST, forced.denseLastRows())
                .put(BlockSelection.P_KEEP_FIRST, forced.keepFirst() ? 1 : 0)
                .put(BlockSelection.P_SCRATCH, scratch.start()).put(BlockSelection.P_SCRATCH_STRIDE, columns)
                .put(BlockSelection.P_START, mask.startAt()).put(BlockSelection.P_INDEX, mask.indexAt())
                .put(BlockSelection.P_MOST, most).put(BlockSelection.P_ROOM, (int) room)
                .put(BlockSelection.P_GROUPS, groups).put(BlockSelection.P_NUMBERS, numbers(scale, rule, heads));
        rung.launch().set(step, new Work.Choice(rule, keys.fold(), groups));
        switch (rule) {
            case SelectionRule.TopBlocks top -> step.put(BlockSelection.P_TOP, top.perRow(totalBlocks));
            case SelectionRule.Threshold above ->
                    step.put(BlockSelection.P_SIGMOID, above.activation() == GateActivation.SIGMOID ? 1 : 0);
        }
        return mask;
    }

    /// Scale and thresholds on the device, brought there when they are first needed.
    private Place numbers(double scale, SelectionRule rule, int heads) {
        var wanted = new Float[1 + heads];
        wanted[0] = (float) scale;
        for (int head = 0; head < heads; head++) {
            wanted[1 + head] = rule instanceof SelectionRule.Threshold above ? above.threshold(head) : 0f;
        }
        if (rules == null || numbers.size() >= RULES) {
            if (rules != null) {
                rules.close();
            }
            rules = backend.within("the rules");
            numbers.clear();
        }
        return numbers.computeIfAbsent(List.of(wanted), all -> {
            var values = new float[all.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = all.get(i);
            }
            return rules.floats(values);
        });
    }

    /// Blocks that a rule can keep in a row, forced ones aside.
    private static long most(int totalBlocks, SelectionRule rule) {
        return switch (rule) {
            case SelectionRule.TopBlocks top -> top.perRow(totalBlocks);
            case SelectionRule.Threshold above -> above.activation() == GateActivation.SIGMOID
                    || above.lowest() == 0 ? totalBlocks : (long) (1 / above.lowest()) + 1;
        };
    }

    /// [BlockSelection#room] of all rows, in 64 bits: the sum must fit 32.
    private static long room(int firstRow, int rows, int denseFrom, int most) {
        long room = 0;
        for (int row = firstRow; row < firstRow + rows; row++) {
            room += row >= denseFrom ? row + 1 : Math.min(row + 1, most);
        }
        return room;
    }

    float[] blockScores(DeviceTensor q, DeviceTensor k, BlockKeys keys, int head, int firstRow, int rows,
                        double scale) {
        Operation score = device.operation("scores", () -> new Operation("scores")
                .scaled((graph, id, step) -> graph.task(id, GateScore::naive, new KernelContext(),
                        step.floats(GateScore.P_Q), step.floats(GateScore.P_K), step.floats(GateScore.P_SCORE),
                        step.p(), step.f())));
        int columns = firstRow + rows;
        int key = head / (q.extent(0) / k.extent(0));
        try (DeviceArena arena = backend.within("the map")) {
            DeviceTensor map = arena.tensor(rows, columns);
            score.step(0).put(GateScore.P_ROWS, rows).put(GateScore.P_FIRST_ROW, firstRow)
                    .put(GateScore.P_WIDTH, q.extent(2)).put(GateScore.P_Q, q.at(head * q.stride()))
                    .put(GateScore.P_K, k.at(key * k.stride())).put(GateScore.P_SCORE, map)
                    .put(GateScore.P_FOLD, keys.fold()).put(GateScore.P_LAST_KEY, keys.count() - 1)
                    .floats(scale, 0).items((long) rows * columns);
            device.run(score);
            return map.download();
        }
    }

    /// The lists of a mask that came from the host, or every causal block, on the device.
    DeviceMask resident(BlockMask mask, DeviceArena arena) {
        int kept = Math.toIntExact(mask.kept());
        var copy = DeviceMask.packed(arena, mask.heads(), mask.block(), mask.firstRow(), mask.rows(), kept);
        if (kept == mask.causal() && kept > 0) {
            Operation dense = device.operation("dense", () -> new Operation("dense")
                    .step((graph, id, step) -> graph.task(id, BlockLists::dense, new KernelContext(),
                            step.integers(1), step.integers(4), step.p())));
            dense.step(0).put(0, mask.heads() * mask.rows()).put(1, copy.startAt()).put(2, mask.rows())
                    .put(3, mask.firstRow()).put(4, copy.indexAt()).items(mask.heads() * mask.rows());
            device.run(dense);
        } else {
            copy.write(mask.start(), Arrays.copyOf(mask.index(), kept));
        }
        return copy;
    }
}
