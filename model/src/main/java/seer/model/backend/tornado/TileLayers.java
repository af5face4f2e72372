package seer.model.backend.tornado;

import seer.kernels.Tiles;
import seer.kernels.layer.TileEmbedding;
import seer.kernels.layer.TileNorm;
import seer.kernels.layer.TileProduct;
import seer.kernels.layer.TileRotation;
import seer.model.backend.Rotary;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileMatrix;
import seer.model.backend.tornado.device.TileTensor;
import uk.ac.manchester.tornado.api.KernelContext;

/// The transformer's operations but attention, on tensor cores: the residual stream in fp32, all else in tiles of bf16.
///
/// ```text
///   project:      x -norm-> tiles -product, bias-> q, k, v in tiles
///   append:       k -rotate-> keys, v -> values
///   addProjected: tiles -product-> += x
///   feedForward:  x -norm-> tiles -product, SwiGLU-> tiles -product-> += x
///   score:        x -norm-> tiles -product-> logits -> negative log-likelihood, best
/// ```
final class TileLayers {
    /// Tokens sent at once, and rows scored at once.
    private static final int BATCH = TokenBuffers.BATCH;

    private final Device device;
    private final Rungs rungs;
    private final Scratch scratch; // floats
    private final Scratch tiles;
    private final Frequencies frequencies;
    private final TokenBuffers buffers;
    private final TokenBuffers longer;

    /// @param longer for texts that pass at once
    TileLayers(Device device, Rungs rungs, Scratch scratch, Scratch tiles, Frequencies frequencies,
               TokenBuffers buffers, TokenBuffers longer) {
        this.device = device;
        this.rungs = rungs;
        this.scratch = scratch;
        this.tiles = tiles;
        this.frequencies = frequencies;
        this.buffers = buffers;
        this.longer = longer;
    }

    void embed(TileMatrix table, int[] tokens, int from, int count, DeviceTensor x) {
        TokenBuffers sent = count > BATCH ? longer : buffers;
        String name = "tile embed " + sent.batch();
        Operation embed = device.operation(name, () -> new Operation(name).sends(sent.ids())
                .step((graph, id, step) -> graph.task(id, TileEmbedding::pairs, new KernelContext(),
                        step.integers(TileEmbedding.P_TABLE), sent.ids(), step.floats(TileEmbedding.P_X),
                        step.p())));
        int width = table.inputs();
        for (int row = 0; row < count; row += sent.batch()) {
            int rows = Math.min(sent.batch(), count - row);
            sent.fill(tokens, from + row, rows);
            embed.step(0).put(TileEmbedding.P_ROWS, rows).put(TileEmbedding.P_C, width)
                    .put(TileEmbedding.P_TABLE, table.start()).put(TileEmbedding.P_X, x.at(row * width))
                    .items((long) rows * (width / 2));
            device.run(embed);
        }
    }

    static Operation norm(Operation operation) {
        return operation.scaled((graph, id, step) -> graph.task(id, TileNorm::grouped, new KernelContext(),
                step.floats(TileNorm.P_X), step.floats(TileNorm.P_WEIGHT), step.integers(TileNorm.P_Y), step.p(),
                step.f()));
    }

    static void norm(Step step, int rows, int width, Place x, DeviceTensor weight, double epsilon, Place y) {
        step.put(TileNorm.P_C, width).put(TileNorm.P_X, x).put(TileNorm.P_WEIGHT, weight).put(TileNorm.P_Y, y)
                .put(TileNorm.P_ROWS, rows).floats(epsilon, 0)
                .groups(Tiles.along(rows) * Tiles.EDGE, 1, 1, TileNorm.ITEMS);
    }

    /// Ints of 64 rows in tiles.
    static long ints(int columns) {
        return (long) Tiles.along(columns) * Tiles.INTS;
    }

    /// Rows, a multiple of 128 or all that are left, that the room for tiles holds. Kernels read whole groups of 128.
    private int fit(long intsOf64Rows, int wanted) {
        int groups = Math.ceilDiv(wanted, 2 * Tiles.EDGE);
        return tiles.rows(2 * intsOf64Rows, groups) * 2 * Tiles.EDGE;
    }

    void project(DeviceTensor x, int count, DeviceTensor norm, double epsilon, TileMatrix w, DeviceTensor bias,
                 TileTensor q, TileTensor k, TileTensor v) {
        int heads = q.heads();
        int groups = k.heads();
        int width = q.width();
        var product = TileProducts.heads(rungs, w, count, heads, groups, width);
        String name = "project, " + product.key();
        Operation project = device.operation(name, () -> product.addTo(norm(new Operation(name))));
        int fit = projected(w, count);
        for (int row = 0; row < count; row += fit) {
            set(project, product, x, row, Math.min(fit, count - row), norm, epsilon, bias, q, k, v);
            device.run(project);
        }
    }

    /// Rows that are projected at once.
    int projected(TileMatrix w, int count) {
        return fit(ints(w.inputs()), count);
    }

    /// Sets the first two steps of an operation, norm and projections, for rows `row ...`.
    void set(Operation project, TileProducts<Work.TileHeads> product, DeviceTensor x, int row, int rows,
             DeviceTensor norm, double epsilon, DeviceTensor bias, TileTensor q, TileTensor k, TileTensor v) {
        int inputs = product.w().inputs();
        int down = down(row, q.width());
        norm(project.step(0), rows, inputs, x.at(row * inputs), norm, epsilon, tiles.start());
        Step step = project.step(1);
        product.set(step, rows, tiles.start());
        step.put(TileProduct.P_Y, q.start().plus(down)).put(TileProduct.P_K, k.start().plus(down))
                .put(TileProduct.P_V, v.start().plus(down)).put(TileProduct.P_TILES, q.rowTiles())
                .put(TileProduct.P_V_TILES, v.rowTiles()).put(TileProduct.P_FIRST, 0)
                .putOrNone(TileProduct.P_BIAS, bias);
    }

    /// Ints from the first row of a head to row `row`, the first of a tile.
    static int down(int row, int width) {
        return row / Tiles.EDGE * Tiles.along(width) * Tiles.INTS;
    }

    void rotate(TileTensor x, int from, int rows, Rotary rotary, int first, int step, TileTensor target, int at) {
        Operation rotate = device.operation("tile rotate", () -> new Operation("tile rotate")
                .step((graph, id, s) -> graph.task(id, TileRotation::turn, new KernelContext(),
                        s.integers(TileRotation.P_X), s.integers(TileRotation.P_Y), s.integers(TileRotation.P_TURNS),
                        s.floats(TileRotation.P_REST), s.p())));
        if (rows > 0) {
            turn(rotate.step(0), x, from, rows, rotary, first, step, target, at);
            rotate.step(0).groups(groups(rows, x.width()), x.heads(), 1, TileRotation.ITEMS);
            device.run(rotate);
        }
    }

    private static int groups(int rows, int width) {
        return Math.ceilDiv(rows * (width / 4), TileRotation.ITEMS);
    }

    private void turn(Step step, TileTensor x, int from, int rows, Rotary rotary, int first, int apart,
                      TileTensor target, int at) {
        step.put(TileRotation.P_ROWS, rows).put(TileRotation.P_D, x.width()).put(TileRotation.P_FROM, from)
                .put(TileRotation.P_TO, at).put(TileRotation.P_FIRST, first).put(TileRotation.P_STEP, apart)
                .put(TileRotation.P_X, x.start()).put(TileRotation.P_X_TILES, x.rowTiles())
                .put(TileRotation.P_Y, target.start()).put(TileRotation.P_Y_TILES, target.rowTiles())
                .put(TileRotation.P_HALF, rotary == null ? 0 : rotary.width() / 2);
        if (rotary != null) {
            Frequencies.Turns turns = frequencies.of(rotary);
            step.put(TileRotation.P_TURNS, turns.whole()).put(TileRotation.P_REST, turns.rest());
        }
    }

    void append(TileTensor k, TileTensor v, int rows, Rotary rotary, int offset, TileCache cache) {
        int groups = cache.groups();
        String name = "tile append " + groups;
        Operation append = device.operation(name, () -> new Operation(name)
                .step((graph, id, s) -> graph.task(id, TileRotation::append, new KernelContext(),
                        s.integers(TileRotation.P_X), s.integers(TileRotation.P_V), s.integers(TileRotation.P_Y),
                        s.integers(TileRotation.P_VALUES), s.integers(TileRotation.P_TURNS),
                        s.floats(TileRotation.P_REST), s.p(), groups)));
        if (rows > 0) {
            Step step = append.step(0);
            turn(step, k, 0, rows, rotary, offset, 1, cache.keys(), offset);
            step.put(TileRotation.P_V, v.start()).put(TileRotation.P_V_TILES, v.rowTiles())
                    .put(TileRotation.P_VALUES, cache.values().start())
                    .groups(groups(rows, k.width()), 2 * groups, 1, TileRotation.ITEMS);
            device.run(append);
        }
    }

    void addProjected(TileTensor y, int rows, TileMatrix w, DeviceTensor x) {
        var product = TileProducts.rows(rungs, w, rows, true);
        String name = "add, " + product.key();
        Operation add = device.operation(name, () -> product.addTo(new Operation(name)));
        if (rows > 0) {
            product.set(add.step(0), rows, y.start());
            add.step(0).put(TileProduct.P_Y, x);
            device.run(add);
        }
    }

    void feedForward(DeviceTensor x, int count, DeviceTensor norm, double epsilon, TileMatrix up, TileMatrix down) {
        var inner = TileProducts.swiglu(rungs, up, count);
        var outer = TileProducts.rows(rungs, down, count, true);
        String name = "feed, " + inner.key() + ", " + outer.key();
        Operation feed = device.operation(name, () -> outer.addTo(inner.addTo(norm(new Operation(name)))));
        int width = up.inputs();
        int fit = fit(ints(width) + ints(down.inputs()), count);
        Place normed = tiles.start();
        Place hidden = normed.plus(Math.toIntExact(fit / Tiles.EDGE * ints(width)));
        for (int row = 0; row < count; row += fit) {
            int rows = Math.min(fit, count - row);
            Place at = x.at(row * width);
            norm(feed.step(0), rows, width, at, norm, epsilon, normed);
            inner.set(feed.step(1), rows, normed);
            feed.step(1).put(TileProduct.P_Y, hidden);
            outer.set(feed.step(2), rows, hidden);
            feed.step(2).put(TileProduct.P_Y, at);
            device.run(feed);
        }
    }

    float[] logits(DeviceTensor x, int row, DeviceTensor norm, double epsilon, TileMatrix head) {
        var product = TileProducts.rows(rungs, head, 1, false);
        String name = "logits, " + product.key();
        Operation logits = device.operation(name, () -> product.addTo(norm(new Operation(name))));
        fit(ints(head.inputs()), 1);
        scratch.rows(head.outputs(), 1);
        norm(logits.step(0), 1, head.inputs(), x.at(row * head.inputs()), norm, epsilon, tiles.start());
        product.set(logits.step(1), 1, tiles.start());
        logits.step(1).put(TileProduct.P_Y, scratch.start());
        device.run(logits);
        return device.staging().read(scratch.start(), head.outputs());
    }

    TokenScores score(DeviceTensor x, int count, DeviceTensor norm, double epsilon, TileMatrix head, int[] targets) {
        var product = TileProducts.rows(rungs, head, count, false);
        String name = "score, " + product.key();
        Operation score = device.operation(name,
                () -> buffers.addScoring(product.addTo(norm(new Operation(name)))));
        int width = head.inputs();
        int most = Math.min(scratch.rows(head.outputs(), Math.min(count, BATCH)), fit(ints(width),
                Math.min(count, BATCH)));
        Place logits = scratch.start();
        var scores = new TokenScores(new float[count], new int[count]);
        for (int row = 0; row < count; row += most) {
            int rows = Math.min(most, count - row);
            buffers.fill(targets, row, rows);
            norm(score.step(0), rows, width, x.at(row * width), norm, epsilon, tiles.start());
            product.set(score.step(1), rows, tiles.start());
            score.step(1).put(TileProduct.P_Y, logits);
            TokenBuffers.setScoring(score.step(2), rows, head.outputs(), logits);
            device.run(score);
            buffers.collect(scores, row, rows, targets);
        }
        return scores;
    }
}
