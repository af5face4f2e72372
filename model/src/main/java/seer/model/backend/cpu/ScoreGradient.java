package seer.model.backend.cpu;

import java.util.Arrays;

/// The gradient of the tokens' negative log-likelihoods, through head and norm: `dlogit = weight (softmax - target)`.
///
/// ```text
///   1024 rows at a time:  for 1024 outputs at a time:  logits -> dlogits -> dHead, d norm(x)
/// ```
///
/// Softmax needs the log-sum-exp of a whole row first: [TokenScoring] has been there before.
///
/// @param scoring which has seen all rows
/// @param dNorm   `[C]` or null; `dHead` `[vocabulary, C]` likewise
record ScoreGradient(RowNorm norm, CpuMatrix head, TokenScoring scoring, int[] targets, double weight, float[] dNorm,
                     float[] dHead) {
    /// Panels of outputs at a time.
    private static final int PANELS = 16;

    void run(CpuThreads threads, float[] x, float[] dx, int rows) {
        int width = head.inputs();
        int slice = FeedForwardGradient.SLICE;
        int most = Math.min(slice, rows);
        var normed = new float[most * width];
        var slope = new float[most * width];
        var logits = new float[most * PANELS * Lanes.PANEL];
        Arrays.fill(dx, 0, rows * width, 0);
        for (int row = 0; row < rows; row += slice) {
            int count = Math.min(slice, rows - row);
            FeedForwardGradient.normed(threads, norm, x, row, count, normed);
            Arrays.fill(slope, 0, count * width, 0);
            for (int panel = 0; panel < head.panels().length; panel += PANELS) {
                part(threads, row, count, panel, normed, logits, slope);
            }
            new NormGradient(norm, dNorm).run(threads, x, row * width, slope, dx, row * width, count);
        }
    }

    private void part(CpuThreads threads, int row, int count, int panel, float[] normed, float[] logits,
                      float[] slope) {
        var part = head.part(panel, Math.min(head.panels().length, panel + PANELS));
        int outputs = part.outputs();
        int first = panel * Lanes.PANEL;
        PanelMatmul.run(threads, normed, count, null, part, new ProductRows(logits, 0, outputs));
        threads.run(count, (t, scratch) -> slopes(logits, t * outputs, outputs, first, row + t));
        if (dHead != null) {
            ProductGradient.weights(threads, logits, 0, outputs, normed, 0, head.inputs(), count, dHead,
                    first * head.inputs());
        }
        ProductGradient.inputs(threads, logits, 0, count, part, slope, 0, true);
    }

    /// Turns a row's logits into their derivatives.
    private void slopes(float[] logits, int at, int outputs, int first, int t) {
        if (targets[t] < 0) {
            Arrays.fill(logits, at, at + outputs, 0);
            return;
        }
        VectorExp.exp(logits, at, outputs, 1, (float) scoring.logSumExp(t), logits, at);
        float factor = (float) weight;
        for (int i = at; i < at + outputs; i++) {
            logits[i] *= factor;
        }
        int target = targets[t] - first;
        if (target >= 0 && target < outputs) {
            logits[at + target] -= factor;
        }
    }
}
