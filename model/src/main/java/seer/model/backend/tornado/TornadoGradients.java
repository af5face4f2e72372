package seer.model.backend.tornado;

import seer.kernels.layer.HeadJoin;
import seer.kernels.layer.HeadSplit;
import seer.kernels.layer.SwiGluBackward;
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
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;
import uk.ac.manchester.tornado.api.KernelContext;

/// Gradients in fp32, by kernels that run on any device; [GradientContract] is asked first. Rows pass in slices, and
/// what lies between the kernels of a slice is in the scratch room, piece after piece.
///
/// ```text
///   feedForward:  x -norm-> . -matmul-> gate, up
///                 dx -matmul down-> . -SwiGLU back-> . -matmul gateUp-> . -norm back-> += dx
///   score:        x -norm-> . -matmul-> logits -> likelihoods, slopes -matmul head-> -norm back-> dx
/// ```
final class TornadoGradients extends DeviceWeights {
    private final Rungs rungs;
    private final Scratch scratch;
    private final TokenBuffers buffers;
    private final ProductSlopes products;
    private final NormSlopes norms;
    private final AttentionSlopes attention;
    private final EmbeddingSlopes embedding;

    TornadoGradients(Backend backend, Device device, Rungs rungs, Scratch scratch, TokenBuffers buffers,
                     AttentionSlopes attention, EmbeddingSlopes embedding) {
        super(backend, device, new WeightSteps(device, embedding.backend()));
        this.rungs = rungs;
        this.scratch = scratch;
        this.buffers = buffers;
        this.products = new ProductSlopes(device);
        this.norms = new NormSlopes(device);
        this.attention = attention;
        this.embedding = embedding;
    }

    @Override
    public void embed(int[] tokens, Tensor dx, Tensor dTable) {
        GradientContract.embed(backend, tokens, dx, dTable);
        embedding.add(tokens, own(dx), own(dTable));
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Rotary rotary, Tensor dq,
                        Tensor dk, Tensor dv, Tensor dx, Tensor dNorm, Tensor dQkv, Tensor dBias) {
        GradientContract.project(backend, x, rows, norm, qkv, rotary, dq, dk, dv, dx, dNorm, dQkv, dBias);
        Gradients.turnBack(backend, rotary, rows, dq, dk);
        DeviceMatrix w = own(qkv);
        int width = w.inputs();
        int slice = SlopeParts.slice(rows, width + w.outputs());
        long room = Math.max(SlopeParts.room(slice, w.outputs(), width),
                NormSlopes.room(slice, Math.max(width, w.outputs())));
        var pieces = new Pieces(scratch, (long) slice * (width + w.outputs()) + room + ProductSlopes.turned(w));
        Place joined = pieces.take((long) slice * w.outputs());
        Place normed = pieces.take((long) slice * width);
        Place turned = pieces.take(ProductSlopes.turned(w));
        Place rest = pieces.take(room);
        products.turn(w, turned);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            join(own(dq), own(dk), own(dv), row, count, joined);
            if (dBias != null) {
                norms.sum(joined, count, w.outputs(), rest, own(dBias));
            }
            if (dQkv != null) {
                norms.apply(at, count, width, own(norm), epsilon, normed);
                products.weights(joined, w.outputs(), normed, width, count, rest, own(dQkv).at(0));
            }
            products.inputs(joined, count, w, turned, normed);
            norms.back(at, count, width, own(norm), epsilon, normed, own(dx).at(row * width), true, rest, own(dNorm));
        }
    }

    private void join(DeviceTensor q, DeviceTensor k, DeviceTensor v, int row, int rows, Place joined) {
        Operation join = device.operation("join heads", () -> new Operation("join heads")
                .step((graph, id, step) -> graph.task(id, HeadJoin::naive, new KernelContext(),
                        step.floats(HeadSplit.P_Q), step.floats(HeadSplit.P_K), step.floats(HeadSplit.P_V),
                        step.floats(HeadSplit.P_Y), step.p())));
        int d = q.extent(2);
        join.step(0).put(HeadSplit.P_ROWS, rows).put(HeadSplit.P_HEADS, q.extent(0))
                .put(HeadSplit.P_GROUPS, k.extent(0)).put(HeadSplit.P_D, d).put(HeadSplit.P_Y, joined)
                .put(HeadSplit.P_Q, q.at(row * d)).put(HeadSplit.P_Q_STRIDE, q.stride())
                .put(HeadSplit.P_K, k.at(row * d)).put(HeadSplit.P_K_STRIDE, k.stride())
                .put(HeadSplit.P_V, v.at(row * d)).put(HeadSplit.P_V_STRIDE, v.stride())
                .items((long) rows * (q.extent(0) + 2L * k.extent(0)) * d);
        device.run(join);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon, Tensor dy, Tensor dNorm) {
        GradientContract.normHeads(backend, x, rows, norm, dy, dNorm);
        int width = x.extent(2);
        var pieces = new Pieces(scratch, (long) rows * width + NormSlopes.room(rows, width));
        Place slope = pieces.take((long) rows * width);
        Place rest = pieces.take(NormSlopes.room(rows, width));
        for (int head = 0; head < x.extent(0) && rows > 0; head++) {
            Place at = own(dy).at(head * own(dy).stride());
            norms.back(own(x).at(head * own(x).stride()), rows, width, own(norm), epsilon, at, slope, false, rest,
                    own(dNorm));
            moves.copy(slope, at, rows * width);
        }
    }

    @Override
    public void attend(Tensor q, int rows, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp,
                       Tensor dOut, Tensor dq, Tensor dk, Tensor dv) {
        GradientContract.attend(backend, q, rows, cache, mask, out, logSumExp, dOut, dq, dk, dv);
        attention.attend(new AttentionSlopes.Forward(own(q), rows, (DeviceCache) cache, mask, own(out),
                own(logSumExp)), own(dOut), own(dq), own(dk), own(dv));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor dx, Tensor dy, Tensor dW) {
        GradientContract.addProjected(backend, y, rows, w, dx, dy, dW);
        DeviceMatrix matrix = own(w);
        long room = SlopeParts.room(rows, w.outputs(), w.inputs());
        var pieces = new Pieces(scratch, ProductSlopes.turned(matrix) + room);
        Place turned = pieces.take(ProductSlopes.turned(matrix));
        Place rest = pieces.take(room);
        products.turn(matrix, turned);
        products.inputs(own(dx).at(0), rows, matrix, turned, own(dy).at(0));
        if (dW != null) {
            products.weights(own(dx).at(0), w.outputs(), own(y).at(0), w.inputs(), rows, rest, own(dW).at(0));
        }
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down, Tensor dx,
                            Tensor dNorm, Tensor dGateUp, Tensor dDown) {
        GradientContract.feedForward(backend, x, rows, norm, gateUp, down, dx, dNorm, dGateUp, dDown);
        int width = gateUp.inputs();
        int hidden = down.inputs();
        int slice = SlopeParts.slice(rows, width + 4L * hidden);
        long room = Math.max(SlopeParts.room(slice, 2 * hidden, width), Math.max(SlopeParts.room(slice, width, hidden),
                NormSlopes.room(slice, width)));
        var pieces = new Pieces(scratch, (long) slice * (width + 4L * hidden) + room + 3L * hidden * width);
        var feed = new Feed(pieces.take((long) slice * width), pieces.take(2L * slice * hidden),
                pieces.take((long) slice * hidden), pieces.take((long) slice * hidden),
                pieces.take(2L * hidden * width), pieces.take((long) hidden * width), pieces.take(room));
        products.turn(own(gateUp), feed.gateUp());
        products.turn(own(down), feed.down());
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            Place slope = own(dx).at(row * width);
            norms.apply(at, count, width, own(norm), epsilon, feed.normed());
            product(feed.normed(), count, own(gateUp), feed.both());
            products.inputs(slope, count, own(down), feed.down(), feed.slope());
            activate(count, hidden, feed);
            if (dDown != null) {
                products.weights(slope, width, feed.product(), hidden, count, feed.rest(), own(dDown).at(0));
            }
            if (dGateUp != null) {
                products.weights(feed.both(), 2 * hidden, feed.normed(), width, count, feed.rest(),
                        own(dGateUp).at(0));
            }
            products.inputs(feed.both(), count, own(gateUp), feed.gateUp(), feed.normed());
            norms.back(at, count, width, own(norm), epsilon, feed.normed(), slope, true, feed.rest(), own(dNorm));
        }
    }

    /// What lies between the kernels of a slice: normed rows, gate and up, their product and the derivative by it, the
    /// matrices turned, and room for sums.
    private record Feed(Place normed, Place both, Place product, Place slope, Place gateUp, Place down, Place rest) { }

    private void product(Place x, int rows, DeviceMatrix w, Place y) {
        Products product = Products.of(rungs, w, rows);
        String name = "once more, " + product.key();
        Operation once = device.operation(name, () -> product.addTo(new Operation(name)));
        product.set(once.step(0), rows, x, y, false);
        device.run(once);
    }

    private void activate(int rows, int hidden, Feed feed) {
        Operation activate = device.operation("activation slope", () -> new Operation("activation slope")
                .step((graph, id, step) -> graph.task(id, SwiGluBackward::naive, new KernelContext(), step.floats(2),
                        step.floats(3), step.floats(4), step.p())));
        activate.step(0).put(0, rows).put(1, hidden).put(2, feed.both()).put(3, feed.slope()).put(4, feed.product())
                .items((long) rows * hidden);
        device.run(activate);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets,
                             double weight, Tensor dx, Tensor dNorm, Tensor dHead) {
        GradientContract.score(backend, x, rows, norm, head, targets, weight, dx, dNorm, dHead);
        DeviceMatrix w = own(head);
        int width = w.inputs();
        int slice = Math.min(SlopeParts.slice(rows, width + w.outputs()), buffers.batch());
        long room = Math.max(SlopeParts.room(slice, w.outputs(), width), NormSlopes.room(slice, width));
        var pieces = new Pieces(scratch, (long) slice * (width + w.outputs()) + ProductSlopes.turned(w) + room);
        Place normed = pieces.take((long) slice * width);
        Place logits = pieces.take((long) slice * w.outputs());
        Place turned = pieces.take(ProductSlopes.turned(w));
        Place rest = pieces.take(room);
        products.turn(w, turned);
        var scores = new TokenScores(new float[rows], new int[rows]);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            Place at = own(x).at(row * width);
            norms.apply(at, count, width, own(norm), epsilon, normed);
            product(normed, count, w, logits);
            buffers.slopes(device, targets, row, count, w.outputs(), logits, weight);
            buffers.collect(scores, row, count, targets);
            if (dHead != null) {
                products.weights(logits, w.outputs(), normed, width, count, rest, own(dHead).at(0));
            }
            products.inputs(logits, count, w, turned, normed);
            norms.back(at, count, width, own(norm), epsilon, normed, own(dx).at(row * width), false, rest, own(dNorm));
        }
        return scores;
    }

    @Override
    public void load(Matrix matrix, float[] values) {
        GradientContract.load(backend, matrix, values);
        device.staging().write(values, own(matrix).start());
    }

    @Override
    public void load(Matrix matrix, Tensor values) {
        GradientContract.load(backend, matrix, values);
        moves.copy(own(values).at(0), own(matrix).start(), own(values).size());
    }

    private static DeviceMatrix own(Matrix matrix) {
        return (DeviceMatrix) matrix;
    }
}
