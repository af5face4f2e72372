package seer.model.backend.tornado;

import java.util.Arrays;
import java.util.List;
import seer.kernels.BlockLists;
import seer.kernels.BlockPooling;
import seer.kernels.BlockSelection;
import seer.kernels.GateProjection;
import seer.kernels.GateScore;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import uk.ac.manchester.tornado.api.KernelContext;

/// The gate's operations: from queries and keys to block lists that stay on the device.
///
/// ```text
///   select:  queries, keys -> marks, counts -> offsets -> lists
/// ```
final class Selection {
    /// Groups at most, each with scratch of its own: rows differ in length, and many groups even that out.
    private static final int GROUPS = 4096;

    private final Device device;

    Selection(Device device) {
        this.device = device;
    }

    void pool(DeviceTensor x, int from, int rows, int block, List<Pooling> poolings, DeviceTensor pooled, int at) {
        Operation pool = device.operation("pool", () -> new Operation("pool")
                .step((graph, id, step) -> graph.task(id, BlockPooling::naive, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), step.p())));
        int d = x.extent(2);
        pool.step(0).set(x.extent(0), rows, d, block, x.offset() + from * d, x.stride(),
                pooled.offset() + at * pooled.extent(2), pooled.stride(), poolings.size(),
                poolings.indexOf(Pooling.MAX), poolings.indexOf(Pooling.MIN), poolings.indexOf(Pooling.AVG))
                .items((long) x.extent(0) * Math.ceilDiv(rows, block) * d);
        if (rows > 0) {
            device.run(pool);
        }
    }

    void projectHeads(DeviceTensor pooled, DeviceTensor weights, int from, int rows, DeviceTensor y) {
        Operation project = device.operation("heads", () -> new Operation("heads")
                .step((graph, id, step) -> graph.task(id, GateProjection::rows, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(), step.p())));
        int heads = weights.extent(0);
        int inputs = weights.extent(1);
        int width = weights.extent(2);
        project.step(0).set(heads, rows, inputs, width, heads / pooled.extent(0), pooled.offset() + from * inputs,
                pooled.stride(), weights.offset(), y.offset() + from * width, y.stride())
                .items((long) heads * Math.ceilDiv(rows, GateProjection.ROWS) * width);
        if (rows > 0) {
            device.run(project);
        }
    }

    DeviceMask select(DeviceTensor q, DeviceTensor k, int firstRow, int rows, int totalBlocks, int block,
                      double scale, SelectionRule rule, ForcedBlocks forced) {
        int heads = q.extent(0);
        int words = Math.ceilDiv(firstRow + rows, BlockSelection.BITS);
        var mask = new DeviceMask(device, heads, block, firstRow, rows,
                capacity(heads, firstRow, rows, totalBlocks, rule, forced));
        if (rows == 0) {
            return mask;
        }
        int marks = device.integers().take(heads * rows * words, null);
        Operation select = operation(rule);
        int groups = Math.min(Math.min(GROUPS, heads * rows), device.scratch().rows(firstRow + rows));
        int kept = switch (rule) {
            case SelectionRule.TopBlocks top -> top.perRow(totalBlocks);
            case SelectionRule.Threshold above -> above.activation() == GateActivation.SIGMOID ? 1 : 0;
        };
        double threshold = rule instanceof SelectionRule.Threshold above ? above.threshold() : 0;
        select.step(0).set(heads, rows, firstRow, totalBlocks, q.extent(2), q.offset(), q.stride(), k.offset(),
                k.stride(), heads / k.extent(0), kept, forced.denseLastRows(), forced.keepFirst() ? 1 : 0,
                device.scratch().first(), firstRow + rows, marks, words, mask.startAt(), groups)
                .floats(scale, threshold).groups(groups, 1, 1, BlockSelection.GROUP);
        select.step(1).set(heads * rows, mask.startAt()).groups(1, 1, 1, BlockLists.GROUP);
        select.step(2).set(heads * rows, mask.startAt(), marks, words, mask.indexAt()).items(heads * rows);
        device.run(select);
        device.integers().give(marks, heads * rows * words);
        return mask;
    }

    private Operation operation(SelectionRule rule) {
        boolean top = rule instanceof SelectionRule.TopBlocks;
        String name = top ? "select top" : "select above";
        return device.operation(name, () -> new Operation(name)
                .scaled((graph, id, step) -> top
                        ? graph.task(id, BlockSelection::markTop, new KernelContext(), device.tensors().array(),
                                device.tensors().array(), device.tensors().array(), device.integers().array(),
                                step.p(), step.f())
                        : graph.task(id, BlockSelection::markAbove, new KernelContext(), device.tensors().array(),
                                device.tensors().array(), device.tensors().array(), device.integers().array(),
                                step.p(), step.f()))
                .step((graph, id, step) -> graph.task(id, BlockLists::offsets, new KernelContext(),
                        device.integers().array(), step.p()))
                .step((graph, id, step) -> graph.task(id, BlockLists::fill, new KernelContext(),
                        device.integers().array(), device.integers().array(), device.integers().array(), step.p())));
    }

    /// Blocks that a rule can keep at most: the room for its lists.
    private static int capacity(int heads, int firstRow, int rows, int totalBlocks, SelectionRule rule,
                                ForcedBlocks forced) {
        long most = switch (rule) {
            case SelectionRule.TopBlocks top -> top.perRow(totalBlocks);
            case SelectionRule.Threshold above -> above.activation() == GateActivation.SIGMOID
                    || above.threshold() == 0 ? totalBlocks : (long) (1 / above.threshold()) + 1;
        };
        long room = 0;
        for (int row = firstRow; row < firstRow + rows; row++) {
            boolean dense = row >= totalBlocks - forced.denseLastRows();
            room += dense ? row + 1 : Math.min(row + 1, most + 2);
        }
        return Math.toIntExact(heads * room);
    }

    float[] blockScores(DeviceTensor q, DeviceTensor k, int head, int firstRow, int rows, double scale) {
        Operation score = device.operation("scores", () -> new Operation("scores")
                .scaled((graph, id, step) -> graph.task(id, GateScore::naive, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(), step.p(),
                        step.f())));
        int columns = firstRow + rows;
        var map = new DeviceTensor(device, Math.multiplyExact(rows, columns), rows, columns);
        int key = head / (q.extent(0) / k.extent(0));
        score.step(0).set(rows, firstRow, q.extent(2), q.offset() + head * q.stride(), k.offset() + key * k.stride(),
                map.offset()).floats(scale, 0).items((long) rows * columns);
        device.run(score);
        return map.download();
    }

    /// The lists of a mask that came from the host, or every causal block, on the device.
    DeviceMask resident(BlockMask mask) {
        int kept = Math.toIntExact(mask.kept());
        var copy = new DeviceMask(device, mask.heads(), mask.block(), mask.firstRow(), mask.rows(), kept);
        if (kept == mask.causal() && kept > 0) {
            Operation dense = device.operation("dense", () -> new Operation("dense")
                    .step((graph, id, step) -> graph.task(id, BlockLists::dense, new KernelContext(),
                            device.integers().array(), step.p())));
            dense.step(0).set(mask.heads() * mask.rows(), copy.startAt(), mask.rows(), mask.firstRow(),
                    copy.indexAt()).items(mask.heads() * mask.rows());
            device.run(dense);
        } else {
            device.writeIntegers(mask.start(), copy.startAt());
            device.writeIntegers(Arrays.copyOf(mask.index(), kept), copy.indexAt());
        }
        return copy;
    }
}
