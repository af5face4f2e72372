package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// Rows times a packed matrix, tile by tile: results go to their place, or to a consumer while they are in the level-1
/// cache.
///
/// ```text
///   task = rows of a panel    for each chunk of 1024 k:       panel chunk 256 KiB, stays in level 2,
///   a[rows, K]                  for each strip of the panel:  a quarter of it where registers are 16
///     (normed before)             for 4 or 6 rows: kernel     used by all groups of rows
/// ```
///
/// Which thread computes what is settled as they go, down to some rows of a panel: cores that have other work to do
/// besides, or share their units with a neighbour, differ in speed by half and more. Few rows (decoding) are split by
/// panels: then the weights, read once, are the work.
final class PanelMatmul {
    /// Rows of a tile.
    static final int ROWS = 64;
    /// Rows of a thread that are computed before the next ones come, where they have to be kept in between.
    private static final int WAVE = 256;
    /// Rows of the smallest task, whole kernels of 4 and 6, halved where there would be too few tasks to share out.
    private static final int UNIT_ROWS = 48;
    private static final int LEAST_ROWS = 12;
    /// Tasks for each thread, at least.
    private static final int TASKS = 8;
    /// Inputs that are multiplied before the next rows come, at most: a strip comes from level 1 or 2, where the panel
    /// stays.
    private static final int DEPTH = 1024;
    /// Chunks of the depth are multiples of this: two blocks of the quantized types whose blocks have no parts.
    private static final int UNIT = 64;
    /// With fewer rows than this every thread reads only its share of the weights.
    private static final int FEW = 16;
    /// Inputs at a time where few rows are multiplied with weights that have to be unpacked: 32 KiB, level 1.
    private static final int SHALLOW = 128;

    /// Weights that a task multiplies with a single row, at least: some three microseconds.
    private static final int LEAST = 1 << 15;

    /// Takes results.
    interface Sink {
        /// Columns `column .. column + columns` of rows `row .. row + rows`, rows 64 apart.
        void accept(int row, int rows, int column, int columns, float[] tile);

        /// Where the 64 columns from `column` on of rows `row ...` may be written without coming here; null where they
        /// may not.
        default Place place(int row, int column) {
            return null;
        }
    }

    /// A place in an array for the results of a panel.
    ///
    /// @param at     its first element
    /// @param stride from row to row
    /// @param add    to what is there
    record Place(float[] values, int at, int stride, boolean add) { }

    private PanelMatmul() {
    }

    /// Multiplies rows `0 .. rows` of `x[.., C]`, normed first unless `norm` is null.
    static void run(CpuThreads threads, float[] x, int rows, RowNorm norm, CpuMatrix w, Sink sink) {
        if (rows < FEW) {
            few(threads, x, rows, norm, w, sink);
        } else if (norm == null && !w.rounding()) {
            many(threads, x, 0, rows, w, 0, sink, null);
        } else {
            for (int row = 0; row < rows; row += wave(threads)) {
                int count = Math.min(wave(threads), rows - row);
                if (norm == null) {
                    many(threads, x, row, count, w, row, sink, null);
                } else {
                    normed(threads, x, row, count, norm, w, row, sink);
                }
            }
        }
    }

    private static void few(CpuThreads threads, float[] x, int rows, RowNorm norm, CpuMatrix w, Sink sink) {
        float[] a = x;
        if (norm != null) {
            a = threads.own().floats(Scratch.ROW, rows * w.inputs());
            norm.apply(x, 0, rows, a);
        }
        if (rows == 1) {
            row(threads, InputRow.of(a, w, threads.own()), w, sink);
            return;
        }
        float[] input = a;
        var rounded = ready(threads, a, 0, rows, w, null);
        threads.run(w.panels().length, (p, scratch) -> panel(input, 0, rounded, 0, rows, w, p, 0, scratch, sink));
    }

    /// Rows that are computed at a time where something of them is kept in between.
    static int wave(CpuThreads threads) {
        return threads.count() * WAVE;
    }

    /// Multiplies rows `row .. row + count` of `x`, normed in the caller's scratch; the sink is told rows `first ...`.
    static void normed(CpuThreads threads, float[] x, int row, int count, RowNorm norm, CpuMatrix w, int first,
                       Sink sink) {
        float[] a = threads.own().floats(Scratch.ROW, count * norm.weight().length);
        many(threads, a, 0, count, w, first, sink, (from, end, scratch) ->
                norm.apply(x, row + from, end - from, a, from));
    }

    /// Makes rows what they are multiplied as; and rounds them where the matrix wants them so, those of a task while
    /// they are at hand: else null.
    private static RoundedRows ready(CpuThreads threads, float[] a, int from, int rows, CpuMatrix w,
                                     CpuThreads.Stretch ready) {
        if (w.rounding()) {
            return RoundedRows.of(threads, a, from, rows, w.inputs(), ready);
        }
        if (ready != null) {
            threads.run(Math.ceilDiv(rows, FEW), (task, scratch) ->
                    ready.run(task * FEW, Math.min(rows, (task + 1) * FEW), scratch));
        }
        return null;
    }

    /// Multiplies rows `from .. from + rows` of `a`; the sink is told rows `first ...`. A task is some rows of a panel;
    /// those of a stretch that belong to one panel share the work of unpacking it.
    ///
    /// @param ready makes rows, counted from `from`, what they are multiplied as; or null where they are
    static void many(CpuThreads threads, float[] a, int from, int rows, CpuMatrix w, int first, Sink sink,
                     CpuThreads.Stretch ready) {
        int panels = w.panels().length;
        int unit = UNIT_ROWS;
        while (unit > LEAST_ROWS && panels * Math.ceilDiv(rows, unit) < TASKS * threads.count()) {
            unit /= 2;
        }
        int each = unit;
        int units = Math.ceilDiv(rows, each); // of a panel
        var rounded = ready(threads, a, from, rows, w, ready);
        threads.runStretches(panels * units, (begin, end, scratch) -> {
            for (int task = begin; task < end; ) {
                int p = task / units;
                int next = Math.min(end, (p + 1) * units);
                int row = (task - p * units) * each;
                int until = Math.min(rows, (next - p * units) * each);
                panel(a, from, rounded, row, until - row, w, p, first + row, scratch, sink);
                task = next;
            }
        });
    }

    /// A task is some strips: enough weights to be worth its start, and few enough to share the work out evenly.
    private static void row(CpuThreads threads, InputRow a, CpuMatrix w, Sink sink) {
        int strips = (w.outputs() + STRIP - 1) / STRIP;
        int share = Math.max(1, LEAST / (w.inputs() * STRIP));
        threads.runInRows((strips + share - 1) / share, (task, scratch) -> {
            float[] out = scratch.floats(1, PANEL);
            int end = Math.min(w.outputs(), (task + 1) * share * STRIP);
            for (int n = task * share * STRIP; n < end; n += STRIP) {
                w.panels()[n / PANEL].row(a, n % PANEL, out, scratch);
                sink.accept(0, 1, n, Math.min(STRIP, end - n), out);
            }
        });
    }

    /// Whether so few rows are better split by panels.
    static boolean few(int rows) {
        return rows < FEW;
    }

    /// Rows of a task that no other one shares a row with: at most `most`, so few that each thread has some tasks, but
    /// no fewer than are worth unpacking a panel for unless some thread would have nothing to do.
    static int tileRows(int rows, int threads, int most) {
        int share = Math.max(Math.ceilDiv(rows, TASKS / 2 * threads), Math.min(UNIT_ROWS, Math.ceilDiv(rows, threads)));
        return Math.min(most, Math.max(4, (share + 3) / 4 * 4));
    }

    /// All panels for `rows` rows of `a` from row `first` on; `row` is what the sink is told.
    static void panels(float[] a, int first, int rows, CpuMatrix w, int row, Scratch scratch, Sink sink) {
        for (int p = 0; p < w.panels().length; p++) {
            panel(a, 0, null, first, rows, w, p, row, scratch, sink);
        }
    }

    /// @param from    the row of `a` that is the first here
    /// @param rounded the same rows, or null
    private static void panel(float[] a, int from, RoundedRows rounded, int first, int rows, CpuMatrix w, int p,
                              int row, Scratch scratch, Sink sink) {
        int inputs = w.inputs();
        int columns = Math.min(PANEL, w.outputs() - p * PANEL);
        Place direct = columns == PANEL ? sink.place(row, p * PANEL) : null;
        Place place = direct != null ? direct
                : new Place(scratch.floats(1, Math.max(ROWS, rows) * PANEL), 0, PANEL, false);
        if (rounded != null && w.panels()[p] instanceof QuantizedPanel four && four.isFourBits()) {
            new IntegerProduct(rounded, four, place, scratch).run(first, rows);
        } else {
            multiply(a, (from + first) * inputs, inputs, rows, inputs, w.panels()[p], place, scratch);
        }
        if (direct == null) {
            sink.accept(row, rows, p * PANEL, columns, place.values);
        }
    }

    /// `out[rows, 64] = a[rows, depth] * panel[depth, 64]`, or added, by equal chunks of the depth.
    static void multiply(float[] a, int a0, int aStride, int rows, int depth, Panel panel, Place out,
                         Scratch scratch) {
        int most = few(rows) && !(panel instanceof FloatPanel) ? SHALLOW : DEPTH;
        int chunks = (depth + most - 1) / most;
        int chunk = (depth + chunks * UNIT - 1) / (chunks * UNIT) * UNIT;
        for (int k = 0; k < depth; k += chunk) {
            int next = Math.min(chunk, depth - k);
            float[] strips = panel.floats(k, next, scratch);
            for (int lane = 0; lane < PANEL; lane += STRIP) {
                PanelKernel.multiply(a, a0 + k, aStride, rows, next, strips,
                        panel.start(k) + lane / STRIP * panel.step(next), STRIP, out.values, out.at + lane,
                        out.stride, out.add || k > 0);
            }
        }
    }
}
