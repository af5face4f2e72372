package seer.run.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import seer.model.backend.Backend;

/// The figures that the CPU backend is held to, each as a ratio of two things timed in the same rounds.
public final class Suite {
    private static final String FMA = "register-only multiply-add loop";
    private static final String DENSE = "dense attention";
    private static final String SPARSE = "block-sparse attention";
    private static final String SELECT = "gate and selection";

    private Suite() { }

    /// Dense attention and the projections' products against the multiply-add yardstick.
    ///
    /// @param matmuls rows, inputs, outputs of each product
    public static List<BenchRow> rates(Backend backend, AttentionShape shape, List<int[]> matmuls, int rounds,
                                       DoubleConsumer progress) {
        var contest = new Contest(backend);
        var products = new ArrayList<MatmulBench>();
        try (var attention = new AttentionBench(backend, shape)) {
            contest.measure(FMA, backend::peakFlops);
            contest.time(DENSE, attention::dense);
            for (int[] m : matmuls) {
                var product = new MatmulBench(backend, m[0], m[1], m[2]);
                products.add(product);
                contest.time(name(m), product::run);
            }
            var medians = contest.run(1, rounds, progress);
            double peak = medians.get(FMA);
            var rows = new ArrayList<BenchRow>();
            rows.add(new BenchRow(FMA, null, peak * 1e-9, 1.0, "the yardstick"));
            rows.add(rate(DENSE + size(shape), medians.get(DENSE), shape.denseFlops(), peak));
            for (int i = 0; i < products.size(); i++) {
                String name = name(matmuls.get(i));
                rows.add(rate(name, medians.get(name), products.get(i).flops(), peak));
            }
            return rows;
        } finally {
            products.forEach(MatmulBench::close);
        }
    }

    /// Block-sparse attention and selection against dense attention.
    public static List<BenchRow> speedups(Backend backend, AttentionShape shape, int rounds,
                                          DoubleConsumer progress) {
        try (var attention = new AttentionBench(backend, shape)) {
            var contest = new Contest(backend);
            contest.time(DENSE, attention::dense);
            contest.time(SPARSE, attention::sparse);
            contest.time(SELECT, attention::select);
            var medians = contest.run(1, rounds, progress);
            double dense = medians.get(DENSE);
            double sparse = medians.get(SPARSE);
            double select = medians.get(SELECT);
            double flops = shape.denseFlops();
            return List.of(
                    new BenchRow(DENSE + size(shape), dense * 1e3, flops / dense * 1e-9, null, null),
                    new BenchRow(SPARSE + size(shape), sparse * 1e3, flops * attention.density() / sparse * 1e-9,
                            null, format("%.2f times faster than dense at density %.4f", dense / sparse,
                                    attention.density())),
                    new BenchRow(SELECT + size(shape), select * 1e3, null, null,
                            format("%.2f %% of the sparse attention's time", 100 * select / sparse)));
        }
    }

    private static BenchRow rate(String name, double seconds, double flops, double peak) {
        return new BenchRow(name, seconds * 1e3, flops / seconds * 1e-9, flops / seconds / peak,
                format("%.0f %% of the multiply-add rate", 100 * flops / seconds / peak));
    }

    private static String name(int[] m) {
        return format("matmul %d x %d by %d", m[0], m[1], m[2]);
    }

    private static String size(AttentionShape s) {
        return format(", %d tokens, %d/%d heads, d=%d", s.tokens(), s.heads(), s.groups(), s.headWidth());
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
