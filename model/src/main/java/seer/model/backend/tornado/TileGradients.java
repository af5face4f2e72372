package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.Tiles;
import seer.kernels.layer.HeadSplit;
import seer.kernels.layer.TileHeadJoin;
import seer.kernels.layer.TileSwiGluBackward;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.GradientContract;
import seer.model.backend.Gradients;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileMatrix;
import seer.model.backend.tornado.device.TileTensor;
import uk.ac.manchester.tornado.api.KernelContext;

/// Gradients on tensor cores: what products multiply is in tiles of bf16, what they give, the residual stream, its
/// derivative and all sums by weights are in fp32. [GradientContract] is asked first.
///
/// ```text
///   addProjected: dx -pack-> tiles -product W^T-> dy;  dW += tiles^T y
///   feedForward:  x -norm-> tiles -product-> gate and up;  dx -pack-> tiles -product down^T-> .
///                 both -SwiGLU back-> tiles -product gateUp^T-> . -norm back-> += dx
///   project:      dq, dk, dv -turn back, join-> tiles -product W^T-> . -norm back-> += dx
///   score:        x -norm-> tiles -product-> logits -> likelihoods, slopes -pack-> tiles -product-> . -norm back-> dx
/// ```
final class TileGradients extends DeviceWeights {
    private final Scratch scratch; // floats
    private final Scratch tiles;
    private final TokenBuffers buffers;
    private final TileProductSlopes products;
    private final NormSlopes norms;
    private final TileAttentionSlopes attention;
    private final EmbeddingSlopes embedding;
    private final TurnedMatrices turned;
    private final WeightTiles weights;
    private final Frequencies frequencies;

    TileGradients(Backend backend, Device device, Rungs rungs, Scratch scratch, Scratch tiles, TokenBuffers buffers,
                  Frequencies frequencies, TileAttentionSlopes attention, EmbeddingSlopes embedding) {
        super(backend, device, new WeightSteps(device, embedding.backend()));
        this.scratch = scratch;
        this.tiles = tiles;
        this.buffers = buffers;
        this.products = new TileProductSlopes(device, rungs);
        this.norms = new NormSlopes(device);
        this.attention = attention;
        this.embedding = embedding;
        this.turned = new TurnedMatrices(device);
        this.weights = new WeightTiles(device, turned);
        this.frequencies = frequencies;
    }

    /// Ints of rows in tiles.
    private static long ints(int rows, int columns) {
        return TileMatrix.ints(rows, columns);
    }

    @Override
    public void embed(int[] tokens, Tensor dx, Tensor dTable) {
        GradientContract.embed(backend, tokens, dx, dTable);
        embedding.add(tokens, own(dx), own(dTable));
    }

    /// Normed rows in tiles.
    private void norm(Place x, int rows, int width, Tensor weight, double epsilon, Place y) {
        Operation norm = device.operation("tile norm", () -> TileLayers.norm(new Operation("tile norm")));
        TileLayers.norm(norm.step(0), rows, width, x, own(weight), epsilon, y);
        device.run(norm);
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Rotary rotary, Tensor dq,
                        Tensor dk, Tensor dv, Tensor dx, Tensor dNorm, Tensor dQkv, Tensor dBias) {
        GradientContract.project(backend, x, rows, norm, qkv, rotary, dq, dk, dv, dx, dNorm, dQkv, dBias);
        var w = (TileMatrix) qkv;
        int width = w.inputs();
        int slice = SlopeParts.slice(rows, width + w.outputs());
        long room = Math.max(SlopeParts.room(slice, w.outputs(), width),
                NormSlopes.room(slice, Math.max(width, w.outputs())));
        var pieces = new Pieces(scratch, (long) slice * Math.max(width, w.outputs()) + room);
        Place slope = pieces.take((long) slice * Math.max(width, w.outputs()));
        Place rest = pieces.take(room);
        pieces = new Pieces(tiles, ints(slice, w.outputs()) + ints(slice, width));
        Place joined = pieces.take(ints(slice, w.outputs()));
        Place normed = pieces.take(ints(slice, width));
        TileMatrix byInputs = turned.of(w);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            join((TileTensor) dq, (TileTensor) dk, (TileTensor) dv, rotary, row, count, joined);
            if (dBias != null) {
                products.unpack(joined, count, w.outputs(), slope);
                norms.sum(slope, count, w.outputs(), rest, own(dBias));
            }
            if (dQkv != null) {
                norm(at, count, width, norm, epsilon, normed);
                products.weights(joined, Tiles.along(w.outputs()), w.outputs(), normed, width, count, rest,
                        own(dQkv).at(0));
            }
            products.rows(joined, count, byInputs, slope);
            norms.back(at, count, width, own(norm), epsilon, slope, own(dx).at(row * width), true, rest,
                    dNorm == null ? null : own(dNorm));
        }
    }

    private void join(TileTensor q, TileTensor k, TileTensor v, Rotary rotary, int row, int rows, Place joined) {
        Operation join = device.operation("join tiles", () -> new Operation("join tiles")
                .step((graph, id, step) -> graph.task(id, TileHeadJoin::turned, new KernelContext(),
                        step.integers(HeadSplit.P_Q), step.integers(HeadSplit.P_K), step.integers(HeadSplit.P_V),
                        step.integers(HeadSplit.P_Y), step.integers(TileHeadJoin.P_TURNS),
                        step.floats(TileHeadJoin.P_REST), step.p())));
        int d = q.width();
        int down = row / Tiles.EDGE * Tiles.along(d) * Tiles.INTS;
        Step step = join.step(0).put(HeadSplit.P_ROWS, rows).put(HeadSplit.P_HEADS, q.heads())
                .put(HeadSplit.P_GROUPS, k.heads()).put(HeadSplit.P_D, d).put(HeadSplit.P_Y, joined)
                .put(HeadSplit.P_Q, q.start().plus(down)).put(HeadSplit.P_Q_STRIDE, q.stride())
                .put(HeadSplit.P_K, k.start().plus(down)).put(HeadSplit.P_K_STRIDE, k.stride())
                .put(HeadSplit.P_V, v.start().plus(down)).put(HeadSplit.P_V_STRIDE, v.stride())
                .put(TileHeadJoin.P_FIRST, row).put(TileHeadJoin.P_HALF, rotary == null ? 0 : rotary.width() / 2);
        if (rotary != null) {
            Frequencies.Turns turns = frequencies.of(rotary.transposed());
            step.put(TileHeadJoin.P_TURNS, turns.whole()).put(TileHeadJoin.P_REST, turns.rest());
        }
        step.items(TileHeadJoin.items(rows, (q.heads() + 2 * k.heads()) * d));
        device.run(join);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon, Tensor dy, Tensor dNorm) {
        throw new IllegalArgumentException("the model norms the heads of queries and keys, which tensor cores are not "
                + "used for: take --precision f32");
    }

    @Override
    public void attend(Tensor q, int rows, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp,
                       Tensor dOut, Tensor dq, Tensor dk, Tensor dv) {
        GradientContract.attend(backend, q, rows, cache, mask, out, logSumExp, dOut, dq, dk, dv);
        attention.attend(new TileAttentionSlopes.Forward((TileTensor) q, rows, (TileCache) cache, mask,
                (TileTensor) out, own(logSumExp)), (TileTensor) dOut, (TileTensor) dq, (TileTensor) dk,
                (TileTensor) dv);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor dx, Tensor dy, Tensor dW) {
        GradientContract.addProjected(backend, y, rows, w, dx, dy, dW);
        var matrix = (TileMatrix) w;
        int slice = SlopeParts.slice(rows, w.outputs());
        long room = SlopeParts.room(slice, w.outputs(), w.inputs());
        Place rest = new Pieces(scratch, room).take(room);
        Place packed = new Pieces(tiles, ints(slice, w.outputs())).take(ints(slice, w.outputs()));
        TileMatrix byInputs = turned.of(matrix);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            int down = row / Tiles.EDGE * Tiles.along(w.inputs()) * Tiles.INTS;
            products.pack(own(dx).at(row * w.outputs()), count, w.outputs(), packed);
            products.tiles(packed, count, byInputs, ((TileTensor) dy).start().plus(down));
            if (dW != null) {
                products.weights(packed, Tiles.along(w.outputs()), w.outputs(), ((TileTensor) y).start().plus(down),
                        w.inputs(), count, rest, own(dW).at(0));
            }
        }
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down, Tensor dx,
                            Tensor dNorm, Tensor dGateUp, Tensor dDown) {
        GradientContract.feedForward(backend, x, rows, norm, gateUp, down, dx, dNorm, dGateUp, dDown);
        var pair = (TileMatrix) gateUp;
        int width = gateUp.inputs();
        int hidden = down.inputs();
        int wide = TurnedMatrices.columns(pair);
        int slice = SlopeParts.slice(rows, width + hidden + wide + (2L * width + wide + hidden) / 2);
        long room = Math.max(Math.max(SlopeParts.room(slice, hidden, width), SlopeParts.room(slice, 2 * hidden, width)),
                Math.max(SlopeParts.room(slice, width, hidden), NormSlopes.room(slice, width)));
        var floats = new Pieces(scratch, (long) slice * (wide + hidden + width) + room);
        var ints = new Pieces(tiles, 2 * ints(slice, width) + ints(slice, wide) + ints(slice, hidden));
        var feed = new Feed(ints.take(ints(slice, width)), ints.take(ints(slice, width)), ints.take(ints(slice, wide)),
                ints.take(ints(slice, hidden)), floats.take((long) slice * wide), floats.take((long) slice * hidden),
                floats.take((long) slice * width), floats.take(room),
                turned.of(pair), turned.of((TileMatrix) down));
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            Place slope = own(dx).at(row * width);
            norm(at, count, width, norm, epsilon, feed.normed());
            products.rows(feed.normed(), count, pair, feed.both());
            products.pack(slope, count, width, feed.slope());
            products.rows(feed.slope(), count, feed.downTurned(), feed.byProduct());
            activate(count, hidden, feed);
            feed.weights(products, count, width, hidden, dGateUp, dDown);
            products.rows(feed.byBoth(), count, feed.pairTurned(), feed.byNormed());
            norms.back(at, count, width, own(norm), epsilon, feed.byNormed(), slope, true, feed.rest(),
                    dNorm == null ? null : own(dNorm));
        }
    }

    /// What lies between the kernels of a slice. In tiles: normed rows, the slope of what comes out, that by gate and
    /// up, their product. In floats: gate and up in turns, the slopes by the product and by the normed rows, room for
    /// sums.
    private record Feed(Place normed, Place slope, Place byBoth, Place product, Place both, Place byProduct,
                        Place byNormed, Place rest, TileMatrix pairTurned, TileMatrix downTurned) {
        void weights(TileProductSlopes products, int rows, int width, int hidden, Tensor dGateUp, Tensor dDown) {
            int across = Tiles.along(hidden);
            if (dDown != null) {
                products.weights(slope, Tiles.along(width), width, product, hidden, rows, rest, own(dDown).at(0));
            }
            if (dGateUp != null && hidden % Tiles.EDGE == 0) {
                products.weights(byBoth, 2 * across, 2 * hidden, normed, width, rows, rest, own(dGateUp).at(0));
            } else if (dGateUp != null) {
                products.weights(byBoth, 2 * across, hidden, normed, width, rows, rest, own(dGateUp).at(0));
                products.weights(byBoth.plus(across * Tiles.INTS), 2 * across, hidden, normed, width, rows, rest,
                        own(dGateUp).at(hidden * width));
            }
        }
    }

    private void activate(int rows, int hidden, Feed feed) {
        Operation activate = device.operation("tile activation slope", () -> new Operation("tile activation slope")
                .step((graph, id, step) -> graph.task(id, TileSwiGluBackward::pairs, new KernelContext(),
                        step.floats(TileSwiGluBackward.P_BOTH), step.floats(TileSwiGluBackward.P_DY),
                        step.integers(TileSwiGluBackward.P_D), step.integers(TileSwiGluBackward.P_Y), step.p())));
        activate.step(0).put(TileSwiGluBackward.P_ROWS, rows).put(TileSwiGluBackward.P_F, hidden)
                .put(TileSwiGluBackward.P_BOTH, feed.both()).put(TileSwiGluBackward.P_DY, feed.byProduct())
                .put(TileSwiGluBackward.P_D, feed.byBoth()).put(TileSwiGluBackward.P_Y, feed.product())
                .items(TileSwiGluBackward.items(rows, hidden));
        device.run(activate);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets,
                             double weight, Tensor dx, Tensor dNorm, Tensor dHead) {
        GradientContract.score(backend, x, rows, norm, head, targets, weight, dx, dNorm, dHead);
        var w = (TileMatrix) head;
        int width = w.inputs();
        int slice = Math.min(SlopeParts.slice(rows, width + w.outputs()), buffers.batch());
        long room = Math.max(SlopeParts.room(slice, w.outputs(), width), NormSlopes.room(slice, width));
        var pieces = new Pieces(scratch, (long) slice * (width + w.outputs()) + room);
        Place slope = pieces.take((long) slice * width);
        Place logits = pieces.take((long) slice * w.outputs());
        Place rest = pieces.take(room);
        pieces = new Pieces(tiles, ints(slice, width) + ints(slice, w.outputs()));
        Place normed = pieces.take(ints(slice, width));
        Place packed = pieces.take(ints(slice, w.outputs()));
        TileMatrix byInputs = turned.of(w);
        var scores = new TokenScores(new float[rows], new int[rows]);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            norm(at, count, width, norm, epsilon, normed);
            products.rows(normed, count, w, logits);
            buffers.slopes(device, targets, row, count, w.outputs(), logits, weight);
            buffers.collect(scores, row, count, targets);
            products.pack(logits, count, w.outputs(), packed);
            if (dHead != null) {
                products.weights(packed, Tiles.along(w.outputs()), w.outputs(), normed, width, count, rest,
                        own(dHead).at(0));
            }
            products.rows(packed, count, byInputs, slope);
            norms.back(at, count, width, own(norm), epsilon, slope, own(dx).at(row * width), false, rest,
                    dNorm == null ? null : own(dNorm));
        }
        return scores;
    }

    @Override
    public void load(Matrix matrix, float[] values) {
        GradientContract.load(backend, matrix, values);
        var pieces = new Pieces(scratch, values.length);
        Place there = pieces.take(values.length);
        device.staging().write(values, there);
        pack(there, (TileMatrix) matrix);
    }

    private void pack(Place values, TileMatrix matrix) {
        int rows = matrix.paired() ? matrix.outputs() / 2 : matrix.outputs();
        if (matrix.paired()) {
            products.pack(values, rows, matrix.inputs(), 2, 0, matrix.start());
            products.pack(values.plus(rows * matrix.inputs()), rows, matrix.inputs(), 2, 1, matrix.start());
        } else {
            products.pack(values, rows, matrix.inputs(), 1, 0, matrix.start());
        }
        turned.changed(matrix);
    }

    @Override
    public void load(List<Taken> all) {
        for (Taken each : all) {
            if (each.matrix() != null) {
                GradientContract.load(backend, each.matrix(), each.values());
            } else {
                GradientContract.load(backend, each.vector(), each.values());
            }
        }
        weights.take(all, embedding.backend());
    }

    @Override
    public void load(Matrix matrix, Tensor values) {
        GradientContract.load(backend, matrix, values);
        pack(own(values).at(0), (TileMatrix) matrix);
    }
}
