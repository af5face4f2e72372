package seer.run.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import seer.eval.RecordTable;
import seer.eval.RecordTable.Column;

/// One measured attention.
///
/// @param shape     its density is what was asked for
/// @param attention `dense`, or where the lists come from
/// @param density   share of the causal blocks that were visited
/// @param kernels   milliseconds on the device by kernel; empty where they were not measured
/// @param error     relative L2 distance from double precision; null where it was not looked at
public record AttentionRow(AttentionShape shape, String attention, double density, Timing timing, double compileMillis,
                           double uploadMillis, Map<String, Double> kernels, Double error) {
    /// The column that needs a dense row of the same length.
    public static final String SPEEDUP = "times_faster_than_dense";
    private static final List<Column<AttentionRow>> COLUMNS = List.of(
            column("attention", null, AttentionRow::attention),
            column("tokens", "%,d", row -> row.shape.tokens()),
            column("heads", "%d", row -> row.shape.heads()),
            column("kv_heads", "%d", row -> row.shape.groups()),
            column("head_width", "%d", row -> row.shape.headWidth()),
            column("block", "%d", row -> row.shape.block()),
            column("density_asked", "%s", row -> row.shape.density()),
            column("density", "%.4f", AttentionRow::density),
            column("repetitions", "%d", row -> row.timing.millis().length),
            column("ms", "%,.4f", row -> row.timing.mean()),
            column("ms_deviation", "%,.4f", row -> row.timing.deviation()),
            column("ms_minimum", "%,.4f", row -> row.timing.minimum()),
            column("kernel_ms", "%,.4f", row -> KernelClock.sum(row.kernels)),
            column("kernels", null, row -> KernelClock.words(row.kernels)),
            column("tflops_visited", "%,.2f", row -> row.tflops() * row.density),
            column("tflops_dense_equivalent", "%,.2f", AttentionRow::tflops));

    /// Operations of dense attention for each second that this one took, in 10^12: as many as
    /// [AttentionShape#denseFlops()] says.
    double tflops() {
        return shape.denseFlops() / timing.mean() * 1e-9;
    }

    private boolean isDense() {
        return attention.equals(Growth.DENSE);
    }

    /// What a line of a plot is called.
    private String label() {
        return isDense() ? Growth.DENSE : attention + " " + shape.density();
    }

    /// How each kind of attention grows with the length.
    public static List<Growth> growth(List<AttentionRow> rows) {
        return Growth.of(rows, AttentionRow::label, row -> row.shape.tokens(), row -> row.timing.mean());
    }

    /// All rows as a table.
    public static RecordTable<AttentionRow> table(List<AttentionRow> rows) {
        var columns = new ArrayList<>(COLUMNS);
        var growth = growth(rows);
        columns.add(column(SPEEDUP, "%.2f", row -> row.speedup(rows)));
        columns.add(column("growth_exponent", "%.3f", row -> Growth.exponent(growth, row.label())));
        columns.add(column("break_even_tokens", "%,.0f", row -> Growth.breakEven(growth, row.label())));
        columns.add(column("compile_ms", "%,.0f", AttentionRow::compileMillis));
        columns.add(column("upload_ms", "%,.1f", AttentionRow::uploadMillis));
        columns.add(column("relative_error", "%.2e", AttentionRow::error));
        return new RecordTable<>(columns, rows);
    }

    private Double speedup(List<AttentionRow> rows) {
        return rows.stream().filter(row -> row.isDense() && row.shape.tokens() == shape.tokens()).findFirst()
                .map(dense -> dense.timing.mean() / timing.mean()).orElse(null);
    }

    private static Column<AttentionRow> column(String name, String format, Function<AttentionRow, Object> field) {
        return new Column<>(name, format, field);
    }
}
