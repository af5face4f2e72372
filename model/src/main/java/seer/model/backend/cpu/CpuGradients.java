package seer.model.backend.cpu;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.backend.GradientContract;
import seer.model.backend.Gradients;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.WeightChange;

/// Gradients on the processor. [GradientContract] has checked what the classes behind are given.
final class CpuGradients implements Gradients {
    private final CpuBackend backend;
    private final CpuThreads threads;

    CpuGradients(CpuBackend backend, CpuThreads threads) {
        this.backend = backend;
        this.threads = threads;
    }

    @Override
    public void embed(int[] tokens, Tensor dx, Tensor dTable) {
        GradientContract.embed(backend, tokens, dx, dTable);
        int width = dTable.extent(1);
        for (int t = 0; t < tokens.length; t++) {
            Residual.add(values(dx), t * width, values(dTable), tokens[t] * width, width);
        }
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Rotary rotary, Tensor dq,
                        Tensor dk, Tensor dv, Tensor dx, Tensor dNorm, Tensor dQkv, Tensor dBias) {
        GradientContract.project(backend, x, rows, norm, qkv, rotary, dq, dk, dv, dx, dNorm, dQkv, dBias);
        Gradients.turnBack(backend, rotary, rows, dq, dk);
        new ProjectionGradient(norm(norm, epsilon), (CpuMatrix) qkv, (CpuTensor) dq, (CpuTensor) dk, (CpuTensor) dv,
                values(dNorm), values(dQkv), values(dBias)).run(threads, values(x), values(dx), rows);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon, Tensor dy, Tensor dNorm) {
        GradientContract.normHeads(backend, x, rows, norm, dy, dNorm);
        new NormGradient(norm(norm, epsilon), values(dNorm)).heads(threads, (CpuTensor) x, (CpuTensor) dy, rows);
    }

    @Override
    public void attend(Tensor q, int rows, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp,
                       Tensor dOut, Tensor dq, Tensor dk, Tensor dv) {
        GradientContract.attend(backend, q, rows, cache, mask, out, logSumExp, dOut, dq, dk, dv);
        new AttentionGradient((CpuTensor) q, rows, (CpuCache) cache, mask, (CpuTensor) out, (CpuTensor) logSumExp,
                (CpuTensor) dOut, (CpuTensor) dq, (CpuTensor) dk, (CpuTensor) dv).run(threads);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor dx, Tensor dy, Tensor dW) {
        GradientContract.addProjected(backend, y, rows, w, dx, dy, dW);
        ProductGradient.inputs(threads, values(dx), 0, rows, (CpuMatrix) w, values(dy), 0, false);
        if (dW != null) {
            ProductGradient.weights(threads, values(dx), 0, w.outputs(), values(y), 0, w.inputs(), rows, values(dW), 0);
        }
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down, Tensor dx,
                            Tensor dNorm, Tensor dGateUp, Tensor dDown) {
        GradientContract.feedForward(backend, x, rows, norm, gateUp, down, dx, dNorm, dGateUp, dDown);
        new FeedForwardGradient(norm(norm, epsilon), (CpuMatrix) gateUp, (CpuMatrix) down, values(x), values(dx),
                values(dNorm), values(dGateUp), values(dDown)).run(threads, rows);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets,
                             double weight, Tensor dx, Tensor dNorm, Tensor dHead) {
        GradientContract.score(backend, x, rows, norm, head, targets, weight, dx, dNorm, dHead);
        var scoring = new TokenScoring(targets, rows);
        scoring.run(threads, values(x), norm(norm, epsilon), (CpuMatrix) head);
        new ScoreGradient(norm(norm, epsilon), (CpuMatrix) head, scoring, targets, weight, values(dNorm),
                values(dHead)).run(threads, values(x), values(dx), rows);
        return new TokenScores(scoring.negativeLogLikelihood(), scoring.best());
    }

    @Override
    public void copy(Tensor x, int rows, Tensor to) {
        GradientContract.copy(backend, x, rows, to);
        System.arraycopy(values(x), 0, values(to), 0, rows * x.extent(1));
    }

    @Override
    public void clear(Tensor x) {
        GradientContract.clear(backend, x);
        Arrays.fill(values(x), 0);
    }

    @Override
    public void load(Tensor vector, float[] values) {
        GradientContract.load(backend, vector, values);
        System.arraycopy(values, 0, values(vector), 0, values.length);
    }

    @Override
    public void load(Matrix matrix, float[] values) {
        GradientContract.load(backend, matrix, values);
        ((CpuMatrix) matrix).load(values, threads);
    }

    @Override
    public void load(Tensor vector, Tensor values) {
        GradientContract.load(backend, vector, values);
        System.arraycopy(values(values), 0, values(vector), 0, values(vector).length);
    }

    @Override
    public void load(Matrix matrix, Tensor values) {
        GradientContract.load(backend, matrix, values);
        ((CpuMatrix) matrix).load(values(values), threads);
    }

    /// One tensor after the other, so that the sum does not depend on threads.
    @Override
    public double squares(List<Learned> weights) {
        GradientContract.learned(backend, weights);
        var sums = new double[weights.size()];
        threads.run(sums.length, (each, _) -> {
            var learned = weights.get(each);
            float[] slope = values(learned.slope());
            for (int i = learned.from(); i < learned.from() + learned.count(); i++) {
                sums[each] += (double) slope[i] * slope[i];
            }
        });
        return Arrays.stream(sums).reduce(0, Double::sum);
    }

    @Override
    public void change(List<Learned> weights, WeightChange change) {
        GradientContract.learned(backend, weights);
        threads.run(weights.size(), (each, _) -> {
            var learned = weights.get(each);
            int end = learned.from() + learned.count();
            change.apply(values(learned.value()), values(learned.mean()), values(learned.square()),
                    values(learned.slope()), learned.from(), end);
            Arrays.fill(values(learned.slope()), learned.from(), end, 0);
        });
    }

    private RowNorm norm(Tensor weight, double epsilon) {
        return new RowNorm(values(weight), epsilon);
    }

    /// The live array; null for what is not wanted.
    private static float[] values(Tensor tensor) {
        return tensor == null ? null : ((CpuTensor) tensor).values();
    }
}
