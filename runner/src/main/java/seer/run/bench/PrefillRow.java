package seer.run.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import seer.eval.RecordTable;
import seer.eval.RecordTable.Column;
import seer.model.backend.ElementType;

/// One measured prompt.
///
/// @param selector     label of what chose the blocks
/// @param layerDensity share of the causal blocks computed in each layer
/// @param cache        how keys and values were kept
/// @param firstToken   from tokens in memory to the logits of the last one
/// @param attention    of it in attention
/// @param selection    of it in choosing blocks
/// @param kernels      milliseconds on the device by kernel; empty where they were not measured
/// @param heldBytes    of the device at most, weights included; 0 where they are not known
public record PrefillRow(PrefillTest test, String model, String selector, double[] layerDensity, ElementType cache,
                         Timing firstToken, Timing attention, Timing selection, double compileMillis,
                         Map<String, Double> kernels, long heldBytes) {
    private static final double MEBIBYTE = 1 << 20;
    /// The column that needs a dense row of the same length.
    public static final String SPEEDUP = "times_faster_than_dense";
    private static final List<Column<PrefillRow>> COLUMNS = List.of(
            column("model", null, PrefillRow::model),
            column("test", null, row -> row.test.toString()),
            column("tokens", "%,d", row -> row.test.tokens()),
            column("selector", null, PrefillRow::selector),
            column("density", "%.4f", PrefillRow::density),
            column("density_lowest_layer", "%.4f", row -> new Timing(row.layerDensity).minimum()),
            column("density_highest_layer", "%.4f", row -> new Timing(row.layerDensity).maximum()),
            column("cache", null, row -> KeptCache.name(row.cache)),
            column("repetitions", "%d", row -> row.firstToken.millis().length),
            column("ttft_ms", "%,.2f", row -> row.firstToken.mean()),
            column("ttft_ms_deviation", "%,.2f", row -> row.firstToken.deviation()),
            column("ttft_ms_minimum", "%,.2f", row -> row.firstToken.minimum()),
            column("tokens_per_s", "%,.1f", row -> row.rate().mean()),
            column("tokens_per_s_deviation", "%,.1f", row -> row.rate().deviation()),
            column("attention_ms", "%,.2f", row -> row.attention.mean()),
            column("selection_ms", "%,.2f", row -> row.selection.mean()),
            column("kernel_ms", "%,.2f", row -> KernelClock.sum(row.kernels)),
            column("kernels", null, row -> KernelClock.words(row.kernels)),
            column("compile_ms", "%,.0f", PrefillRow::compileMillis),
            column("device_mib", "%,.0f", row -> row.heldBytes == 0 ? null : row.heldBytes / MEBIBYTE));

    private double density() {
        return new Timing(layerDensity).mean();
    }

    private Timing rate() {
        return firstToken.per(test.tokens());
    }

    private boolean isDense() {
        return !test.needsGate();
    }

    /// How each selector grows with the length.
    public static List<Growth> growth(List<PrefillRow> rows) {
        return Growth.of(rows, PrefillRow::selector, row -> row.test.tokens(), row -> row.firstToken.mean());
    }

    /// All rows as a table.
    public static RecordTable<PrefillRow> table(List<PrefillRow> rows) {
        var columns = new ArrayList<>(COLUMNS);
        columns.add(column(SPEEDUP, "%.2f", row -> rows.stream()
                .filter(other -> other.isDense() && other.test.tokens() == row.test.tokens()).findFirst()
                .map(dense -> dense.firstToken.mean() / row.firstToken.mean()).orElse(null)));
        var growth = growth(rows);
        columns.add(column("growth_exponent", "%.3f", row -> Growth.exponent(growth, row.selector)));
        columns.add(column("break_even_tokens", "%,.0f", row -> Growth.breakEven(growth, row.selector)));
        return new RecordTable<>(columns, rows);
    }

    private static Column<PrefillRow> column(String name, String format, Function<PrefillRow, Object> field) {
        return new Column<>(name, format, field);
    }
}
