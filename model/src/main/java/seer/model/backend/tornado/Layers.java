package seer.model.backend.tornado;

import seer.kernels.layer.BrokenRows;
import seer.kernels.layer.Embedding;
import seer.kernels.layer.HeadSplit;
import seer.kernels.layer.RmsNorm;
import seer.kernels.layer.Rope;
import seer.kernels.layer.SwiGlu;
import seer.kernels.layer.TokenScore;
import seer.model.backend.Backend;
import seer.model.backend.Rotary;
import seer.model.backend.TokenScores;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The transformer's operations but attention. Rows pass in tiles that fit the scratch room.
///
/// ```text
///   project:      x -norm-> . -matmul-> . -split-> q, k, v
///   feedForward:  x -norm-> . -matmul-> . -SwiGLU-> . -matmul-> += x
///   score:        x -norm-> . -matmul-> . -> negative log-likelihood, best
/// ```
final class Layers {
    /// Tokens sent at once, and rows scored at once.
    private static final int BATCH = 2048;
    /// Groups that look for broken rows: enough to keep a device busy, and as many numbers to bring back.
    private static final int LOOKING = 256;

    private final Device device;
    private final Products products;
    private final IntArray ids = new IntArray(BATCH); // tokens, or targets
    private final FloatArray negative = new FloatArray(BATCH);
    private final IntArray best = new IntArray(BATCH);
    private final IntArray broken = new IntArray(LOOKING); // the first row of each group
    private final Frequencies frequencies;

    Layers(Device device, Frequencies frequencies) {
        this.device = device;
        this.frequencies = frequencies;
        this.products = new Products(device);
    }

    void embed(DeviceMatrix table, int[] tokens, int from, int count, DeviceTensor x) {
        Operation embed = device.operation("embed", () -> new Operation("embed").sends(ids)
                .step((graph, id, step) -> graph.task(id, Embedding::naive, new KernelContext(),
                        device.weights().array(), ids, device.tensors().array(), step.p())));
        int width = table.inputs();
        for (int row = 0; row < count; row += BATCH) {
            int rows = Math.min(BATCH, count - row);
            for (int t = 0; t < rows; t++) {
                ids.set(t, tokens[from + row + t]);
            }
            embed.step(0).set(rows, width, table.offset(), x.offset() + row * width).items((long) rows * width);
            device.run(embed);
        }
    }

    private Operation norm(Operation operation) {
        return operation.scaled((graph, id, step) -> graph.task(id, RmsNorm::grouped, new KernelContext(),
                device.tensors().array(), device.tensors().array(), device.tensors().array(), step.p(), step.f()));
    }

    private static void norm(Step step, int rows, int width, int x, DeviceTensor weight, double epsilon, int y) {
        step.set(rows, width, x, weight.offset(), y).floats(epsilon, 0).groups(rows, 1, 1, RmsNorm.GROUP);
    }

    void project(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix w, DeviceTensor bias,
                 DeviceTensor q, DeviceTensor k, DeviceTensor v, int offset) {
        boolean few = Products.few(count);
        String name = "project " + w.outputs() + " " + w.inputs() + " " + few;
        Operation project = device.operation(name, () -> products.add(norm(new Operation(name)), w, few)
                .step((graph, id, step) -> graph.task(id, HeadSplit::naive, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), device.tensors().array(), step.p())));
        int width = w.inputs();
        int heads = q.extent(0);
        int groups = k.extent(0);
        int d = q.extent(2);
        int tile = Math.min(count, device.scratch().rows(width + w.outputs()));
        int normed = device.scratch().first();
        int stacked = normed + tile * width;
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            norm(project.step(0), rows, width, x.offset() + row * width, norm, epsilon, normed);
            Products.set(project.step(1), few, rows, normed, w, stacked, false);
            project.step(2).put(HeadSplit.P_ROWS, rows).put(HeadSplit.P_HEADS, heads)
                    .put(HeadSplit.P_GROUPS, groups).put(HeadSplit.P_D, d).put(HeadSplit.P_Y, stacked)
                    .put(HeadSplit.P_BIAS, bias == null ? -1 : bias.offset())
                    .put(HeadSplit.P_Q, q.offset() + row * d).put(HeadSplit.P_Q_STRIDE, q.stride())
                    .put(HeadSplit.P_K, k.offset() + row * d).put(HeadSplit.P_K_STRIDE, k.stride())
                    .put(HeadSplit.P_V, v.offset() + (offset + row) * d).put(HeadSplit.P_V_STRIDE, v.stride())
                    .items((long) rows * w.outputs());
            device.run(project);
        }
    }

    /// The rows of one head after the other, each written where it was read.
    void normHeads(DeviceTensor x, int rows, DeviceTensor weight, double epsilon) {
        Operation operation = device.operation("norm heads", () -> norm(new Operation("norm heads")));
        int width = x.extent(2);
        for (int head = 0; head < x.extent(0) && rows > 0; head++) {
            int at = x.offset() + head * x.stride();
            norm(operation.step(0), rows, width, at, weight, epsilon, at);
            device.run(operation);
        }
    }

    void rotate(DeviceTensor x, int from, int rows, Rotary rotary, int first, int step, DeviceTensor target, int at) {
        Operation rotate = device.operation("rotate", () -> new Operation("rotate")
                .step((graph, id, s) -> graph.task(id, Rope::naive, new KernelContext(), device.tensors().array(),
                        device.integers().array(), device.tensors().array(), device.tensors().array(), s.p())));
        Frequencies.Turns turn = frequencies.of(rotary);
        int d = x.extent(2);
        int half = rotary.width() / 2;
        rotate.step(0).put(Rope.P_HEADS, x.extent(0)).put(Rope.P_ROWS, rows).put(Rope.P_D, d)
                .put(Rope.P_HALF, half).put(Rope.P_FIRST, first).put(Rope.P_STEP, step)
                .put(Rope.P_X, x.offset() + from * d).put(Rope.P_X_STRIDE, x.stride())
                .put(Rope.P_Y, target.offset() + at * d).put(Rope.P_Y_STRIDE, target.stride())
                .put(Rope.P_TURNS, turn.turnsAt()).put(Rope.P_REST, turn.rest().offset())
                .items((long) x.extent(0) * rows * (d - half));
        if (rows > 0) {
            device.run(rotate);
        }
    }

    void addProjected(DeviceTensor y, int rows, DeviceMatrix w, DeviceTensor x) {
        boolean few = Products.few(rows);
        String name = "add " + w.outputs() + " " + w.inputs() + " " + few;
        Operation add = device.operation(name, () -> products.add(new Operation(name), w, few));
        Products.set(add.step(0), few, rows, y.offset(), w, x.offset(), true);
        device.run(add);
    }

    void feedForward(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix up,
                     DeviceMatrix down) {
        boolean few = Products.few(count);
        String name = "feed " + up.outputs() + " " + up.inputs() + " " + few;
        Operation feed = device.operation(name, () -> products.add(products.add(norm(new Operation(name)), up, few)
                .step((graph, id, step) -> graph.task(id, SwiGlu::naive, new KernelContext(),
                        device.tensors().array(), device.tensors().array(), step.p())), down, few));
        int width = up.inputs();
        int inner = down.inputs();
        int tile = Math.min(count, device.scratch().rows(width + 3 * inner));
        int normed = device.scratch().first();
        int gates = normed + tile * width;
        int hidden = gates + tile * 2 * inner;
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            int at = x.offset() + row * width;
            norm(feed.step(0), rows, width, at, norm, epsilon, normed);
            Products.set(feed.step(1), few, rows, normed, up, gates, false);
            feed.step(2).set(rows, inner, gates, hidden).items((long) rows * inner);
            Products.set(feed.step(3), few, rows, hidden, down, at, true);
            device.run(feed);
        }
    }

    float[] logits(DeviceTensor x, int row, DeviceTensor norm, double epsilon, DeviceMatrix head) {
        String name = "logits " + head.outputs() + " " + head.inputs();
        Operation logits = device.operation(name, () -> products.add(norm(new Operation(name)), head, true));
        device.scratch().rows(head.inputs() + head.outputs());
        int normed = device.scratch().first();
        int at = normed + head.inputs();
        norm(logits.step(0), 1, head.inputs(), x.offset() + row * head.inputs(), norm, epsilon, normed);
        Products.set(logits.step(1), true, 1, normed, head, at, false);
        device.run(logits);
        return device.read(at, head.outputs());
    }

    TokenScores score(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix head,
                      int[] targets) {
        String name = "score " + head.outputs() + " " + head.inputs();
        Operation score = device.operation(name, () -> products.add(norm(new Operation(name)), head, false)
                .sends(ids).fetches(negative, best)
                .step((graph, id, step) -> graph.task(id, TokenScore::grouped, new KernelContext(),
                        device.tensors().array(), ids, negative, best, step.p())));
        int width = head.inputs();
        int tile = Math.min(Math.min(count, BATCH), device.scratch().rows(width + head.outputs()));
        int normed = device.scratch().first();
        int logits = normed + tile * width;
        var scores = new TokenScores(new float[count], new int[count]);
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            for (int t = 0; t < rows; t++) {
                ids.set(t, targets[row + t]);
            }
            norm(score.step(0), rows, width, x.offset() + row * width, norm, epsilon, normed);
            Products.set(score.step(1), false, rows, normed, head, logits, false);
            score.step(2).set(rows, head.outputs(), logits, 0).groups(rows, 1, 1, TokenScore.GROUP);
            device.run(score);
            for (int t = 0; t < rows; t++) {
                scores.negativeLogLikelihood()[row + t] = targets[row + t] < 0 ? Float.NaN : negative.get(t);
                scores.best()[row + t] = best.get(t);
            }
        }
        return scores;
    }

    int firstBroken(DeviceTensor x, int rows) {
        Operation look = device.operation("broken", () -> new Operation("broken").fetches(broken)
                .scaled((graph, id, step) -> graph.task(id, BrokenRows::grouped, new KernelContext(),
                        device.tensors().array(), broken, step.p(), step.f())));
        int groups = Math.min(LOOKING, rows);
        if (groups == 0) {
            return -1;
        }
        look.step(0).set(rows, x.extent(1), x.offset(), groups).floats(Backend.LARGEST, 0)
                .groups(groups, 1, 1, BrokenRows.GROUP);
        device.run(look);
        int first = rows;
        for (int group = 0; group < groups; group++) {
            first = Math.min(first, broken.get(group));
        }
        return first == rows ? -1 : first;
    }
}
