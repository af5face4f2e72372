package seer.model.backend.tornado;

import seer.kernels.layer.CacheAppend;
import seer.kernels.layer.BrokenRows;
import seer.kernels.layer.Embedding;
import seer.kernels.layer.HeadSplit;
import seer.kernels.layer.RmsNorm;
import seer.kernels.layer.Rope;
import seer.kernels.layer.SwiGlu;
import seer.model.backend.Backend;
import seer.model.backend.Rotary;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The transformer's operations but attention. Rows pass in tiles that fit the scratch room.
///
/// ```text
///   project:      x -norm-> . -matmul-> . -split-> q, k, v
///   append:       k -rotate-> keys, v -> values
///   feedForward:  x -norm-> . -matmul-> . -SwiGLU-> . -matmul-> += x
///   score:        x -norm-> . -matmul-> . -> negative log-likelihood, best
/// ```
final class Layers {
    /// Rows that pass at once, at most.
    private static final int BATCH = TokenBuffers.BATCH;
    /// Groups that look for broken rows: enough to keep a device busy, and as many numbers to bring back.
    private static final int LOOKING = 256;

    private final Device device;
    private final Rungs rungs;
    private final Scratch scratch;
    private final Frequencies frequencies;
    private final TokenBuffers buffers;
    private final IntArray broken = new IntArray(LOOKING); // the first row of each group

    Layers(Device device, Rungs rungs, Scratch scratch, Frequencies frequencies, TokenBuffers buffers) {
        this.device = device;
        this.rungs = rungs;
        this.scratch = scratch;
        this.frequencies = frequencies;
        this.buffers = buffers;
    }

    void embed(DeviceMatrix table, int[] tokens, int from, int count, DeviceTensor x) {
        var lookup = new Work.Lookup(table.type(), buffers.ids());
        Rung<Work.Lookup> rung = rungs.take(lookup);
        String name = rung.key(lookup);
        Operation embed = device.operation(name,
                () -> rung.addTo(new Operation(name).sends(buffers.ids()), lookup));
        int width = table.inputs();
        for (int row = 0; row < count; row += BATCH) {
            int rows = Math.min(BATCH, count - row);
            buffers.fill(tokens, from + row, rows);
            embed.step(0).put(Embedding.P_ROWS, rows).put(Embedding.P_WIDTH, width)
                    .put(Embedding.P_TABLE, table.start()).put(Embedding.P_X, x.at(row * width))
                    .items((long) rows * width);
            device.run(embed);
        }
    }

    private static Operation norm(Operation operation) {
        return operation.scaled((graph, id, step) -> graph.task(id, RmsNorm::grouped, new KernelContext(),
                step.floats(2), step.floats(3), step.floats(4), step.p(), step.f()));
    }

    private static void norm(Step step, int rows, int width, Place x, DeviceTensor weight, double epsilon, Place y) {
        step.put(0, rows).put(1, width).put(2, x).put(3, weight).put(4, y).floats(epsilon, 0)
                .groups(rows, 1, 1, RmsNorm.GROUP);
    }

    void project(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix w, DeviceTensor bias,
                 DeviceTensor q, DeviceTensor k, DeviceTensor v) {
        Products product = Products.of(rungs, w, count);
        String name = "project, " + product.key();
        Operation project = device.operation(name, () -> product.addTo(norm(new Operation(name)))
                .step((graph, id, step) -> graph.task(id, HeadSplit::naive, new KernelContext(),
                        step.floats(HeadSplit.P_Y), step.floats(HeadSplit.P_BIAS), step.floats(HeadSplit.P_Q),
                        step.floats(HeadSplit.P_K), step.floats(HeadSplit.P_V), step.p())));
        int width = w.inputs();
        int heads = q.extent(0);
        int groups = k.extent(0);
        int d = q.extent(2);
        int tile = scratch.rows(width + w.outputs(), Math.min(count, BATCH));
        Place normed = scratch.start();
        Place stacked = normed.plus(tile * width);
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            norm(project.step(0), rows, width, x.at(row * width), norm, epsilon, normed);
            product.set(project.step(1), rows, normed, stacked, false);
            project.step(2).put(HeadSplit.P_ROWS, rows).put(HeadSplit.P_HEADS, heads)
                    .put(HeadSplit.P_GROUPS, groups).put(HeadSplit.P_D, d).put(HeadSplit.P_Y, stacked)
                    .put(HeadSplit.P_Q, q.at(row * d)).put(HeadSplit.P_Q_STRIDE, q.stride())
                    .put(HeadSplit.P_K, k.at(row * d)).put(HeadSplit.P_K_STRIDE, k.stride())
                    .put(HeadSplit.P_V, v.at(row * d)).put(HeadSplit.P_V_STRIDE, v.stride())
                    .putOrNone(HeadSplit.P_BIAS, bias).items((long) rows * w.outputs());
            device.run(project);
        }
    }

    /// The rows of one head after the other, each written where it was read.
    void normHeads(DeviceTensor x, int rows, DeviceTensor weight, double epsilon) {
        Operation operation = device.operation("norm heads", () -> norm(new Operation("norm heads")));
        int width = x.extent(2);
        for (int head = 0; head < x.extent(0) && rows > 0; head++) {
            Place at = x.at(head * x.stride());
            norm(operation.step(0), rows, width, at, weight, epsilon, at);
            device.run(operation);
        }
    }

    void rotate(DeviceTensor x, int from, int rows, Rotary rotary, int first, int step, DeviceTensor target, int at) {
        Operation rotate = device.operation("rotate", () -> new Operation("rotate")
                .step((graph, id, s) -> graph.task(id, Rope::naive, new KernelContext(), s.floats(Rope.P_X),
                        s.integers(Rope.P_TURNS), s.floats(Rope.P_REST), s.floats(Rope.P_Y), s.p())));
        if (rows == 0) {
            return;
        }
        Frequencies.Turns turns = frequencies.of(rotary);
        int d = x.extent(2);
        int half = rotary.width() / 2;
        rotate.step(0).put(Rope.P_HEADS, x.extent(0)).put(Rope.P_ROWS, rows).put(Rope.P_D, d)
                .put(Rope.P_HALF, half).put(Rope.P_FIRST, first).put(Rope.P_STEP, step)
                .put(Rope.P_X, x.at(from * d)).put(Rope.P_X_STRIDE, x.stride())
                .put(Rope.P_Y, target.at(at * d)).put(Rope.P_Y_STRIDE, target.stride())
                .put(Rope.P_TURNS, turns.whole()).put(Rope.P_REST, turns.rest())
                .items((long) x.extent(0) * rows * (d - half));
        device.run(rotate);
    }

    void append(DeviceTensor k, DeviceTensor v, int rows, Rotary rotary, int offset, DeviceCache cache) {
        Operation append = device.operation("append", () -> new Operation("append")
                .step((graph, id, s) -> graph.task(id, CacheAppend::naive, new KernelContext(),
                        s.floats(CacheAppend.P_K), s.floats(CacheAppend.P_V), s.integers(CacheAppend.P_TURNS),
                        s.floats(CacheAppend.P_REST), s.floats(CacheAppend.P_KEYS), s.floats(CacheAppend.P_VALUES),
                        s.p())));
        int d = cache.width();
        int half = rotary == null ? 0 : rotary.width() / 2;
        Step step = append.step(0).put(CacheAppend.P_HEADS, cache.groups()).put(CacheAppend.P_ROWS, rows)
                .put(CacheAppend.P_D, d).put(CacheAppend.P_HALF, half).put(CacheAppend.P_FIRST, offset)
                .put(CacheAppend.P_K, k).put(CacheAppend.P_V, v)
                .put(CacheAppend.P_K_STRIDE, k.stride()).put(CacheAppend.P_V_STRIDE, v.stride())
                .put(CacheAppend.P_KEYS, cache.keys().at(offset * d))
                .put(CacheAppend.P_VALUES, cache.values().at(offset * d))
                .put(CacheAppend.P_ROOM, cache.keys().stride());
        if (rotary != null) {
            Frequencies.Turns turns = frequencies.of(rotary);
            step.put(CacheAppend.P_TURNS, turns.whole()).put(CacheAppend.P_REST, turns.rest());
        }
        step.items((long) cache.groups() * rows * (d - half));
        if (rows > 0) {
            device.run(append);
        }
    }

    void addProjected(DeviceTensor y, int rows, DeviceMatrix w, DeviceTensor x) {
        Products product = Products.of(rungs, w, rows);
        String name = "add, " + product.key();
        Operation add = device.operation(name, () -> product.addTo(new Operation(name)));
        product.set(add.step(0), rows, y.at(0), x.at(0), true);
        device.run(add);
    }

    void feedForward(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix up,
                     DeviceMatrix down) {
        Products wide = Products.of(rungs, up, count);
        Products back = Products.of(rungs, down, count);
        String name = "feed, " + wide.key() + ", " + back.key();
        Operation feed = device.operation(name, () -> back.addTo(wide.addTo(norm(new Operation(name)))
                .step((graph, id, step) -> graph.task(id, SwiGlu::naive, new KernelContext(), step.floats(2),
                        step.floats(3), step.p()))));
        int width = up.inputs();
        int inner = down.inputs();
        int tile = scratch.rows(width + 3L * inner, Math.min(count, BATCH));
        Place normed = scratch.start();
        Place gates = normed.plus(tile * width);
        Place hidden = gates.plus(tile * 2 * inner);
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            Place at = x.at(row * width);
            norm(feed.step(0), rows, width, at, norm, epsilon, normed);
            wide.set(feed.step(1), rows, normed, gates, false);
            feed.step(2).put(0, rows).put(1, inner).put(2, gates).put(3, hidden).items((long) rows * inner);
            back.set(feed.step(3), rows, hidden, at, true);
            device.run(feed);
        }
    }

    float[] logits(DeviceTensor x, int row, DeviceTensor norm, double epsilon, DeviceMatrix head) {
        Products product = Products.of(rungs, head, 1);
        String name = "logits, " + product.key();
        Operation logits = device.operation(name, () -> product.addTo(norm(new Operation(name))));
        scratch.rows(head.inputs() + (long) head.outputs(), 1);
        Place normed = scratch.start();
        Place at = normed.plus(head.inputs());
        norm(logits.step(0), 1, head.inputs(), x.at(row * head.inputs()), norm, epsilon, normed);
        product.set(logits.step(1), 1, normed, at, false);
        device.run(logits);
        return device.staging().read(at, head.outputs());
    }

    TokenScores score(DeviceTensor x, int count, DeviceTensor norm, double epsilon, DeviceMatrix head,
                      int[] targets) {
        Products product = Products.of(rungs, head, count);
        String name = "score, " + product.key();
        Operation score = device.operation(name,
                () -> buffers.addScoring(product.addTo(norm(new Operation(name)))));
        int width = head.inputs();
        int tile = scratch.rows(width + (long) head.outputs(), Math.min(count, BATCH));
        Place normed = scratch.start();
        Place logits = normed.plus(tile * width);
        var scores = new TokenScores(new float[count], new int[count]);
        for (int row = 0; row < count; row += tile) {
            int rows = Math.min(tile, count - row);
            buffers.fill(targets, row, rows);
            norm(score.step(0), rows, width, x.at(row * width), norm, epsilon, normed);
            product.set(score.step(1), rows, normed, logits, false);
            TokenBuffers.setScoring(score.step(2), rows, head.outputs(), logits);
            device.run(score);
            buffers.collect(scores, row, rows, targets);
        }
        return scores;
    }

    int firstBroken(DeviceTensor x, int rows) {
        Operation look = device.operation("broken", () -> new Operation("broken").fetches(broken)
                .scaled((graph, id, step) -> graph.task(id, BrokenRows::grouped, new KernelContext(),
                        step.floats(2), broken, step.p(), step.f())));
        int groups = Math.min(LOOKING, rows);
        if (groups == 0) {
            return -1;
        }
        look.step(0).put(0, rows).put(1, x.extent(1)).put(2, x).put(3, groups).floats(Backend.LARGEST, 0)
                .groups(groups, 1, 1, BrokenRows.GROUP);
        device.run(look);
        int first = rows;
        for (int group = 0; group < groups; group++) {
            first = Math.min(first, broken.get(group));
        }
        return first == rows ? -1 : first;
    }
}
