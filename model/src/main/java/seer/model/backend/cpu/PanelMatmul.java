package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// Rows times a packed matrix, tile by tile: results go to their place, or to a consumer while they are in the level-1
/// cache.
///
/// ```text
///   task = 64 rows            for each panel p:               64 x 64 results in scratch
///   a[64, K]  (norm first)      for each chunk of 1024 k:       panel chunk 256 KiB, stays in level 2,
///                                 for each strip of the panel:  a quarter of it where registers are 16
///                                   for 4 or 6 rows: kernel     used by all groups of rows
/// ```
///
/// Few rows (decoding) are split by panels instead: then the weights, read once, are the work.
final class PanelMatmul {
    /// Rows of a tile.
    static final int ROWS = 64;
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
            float[] a = x;
            if (norm != null) {
                a = threads.own().floats(Scratch.ROW, rows * w.inputs());
                norm.apply(x, 0, rows, a);
            }
            if (rows == 1) {
                row(threads, InputRow.of(a, w.inputs(), w.isQuantized(), threads.own()), w, sink);
                return;
            }
            float[] input = a;
            threads.run(w.panels().length, (p, scratch) -> panel(input, 0, rows, w, p, 0, scratch, sink));
            return;
        }
        int tile = tileRows(rows, threads.count(), w.rows());
        threads.run((rows + tile - 1) / tile, (task, scratch) -> {
            int row = task * tile;
            int count = Math.min(tile, rows - row);
            if (norm == null) {
                panels(x, row, count, w, row, scratch, sink);
            } else {
                float[] a = scratch.floats(0, count * w.inputs());
                norm.apply(x, row, count, a);
                panels(a, 0, count, w, row, scratch, sink);
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

    /// Rows of a task: at most `most`, fewer if some thread would have nothing to do.
    static int tileRows(int rows, int threads, int most) {
        int share = (rows + threads - 1) / threads;
        return Math.min(most, Math.max(4, (share + 3) / 4 * 4));
    }

    /// All panels for `rows` rows of `a` from row `first` on; `row` is what the sink is told.
    static void panels(float[] a, int first, int rows, CpuMatrix w, int row, Scratch scratch, Sink sink) {
        for (int p = 0; p < w.panels().length; p++) {
            panel(a, first, rows, w, p, row, scratch, sink);
        }
    }

    private static void panel(float[] a, int first, int rows, CpuMatrix w, int p, int row, Scratch scratch,
                              Sink sink) {
        int inputs = w.inputs();
        int columns = Math.min(PANEL, w.outputs() - p * PANEL);
        Place place = columns == PANEL ? sink.place(row, p * PANEL) : null;
        if (place != null) {
            multiply(a, first * inputs, inputs, rows, inputs, w.panels()[p], place, scratch);
            return;
        }
        float[] tile = scratch.floats(1, Math.max(ROWS, rows) * PANEL);
        multiply(a, first * inputs, inputs, rows, inputs, w.panels()[p], new Place(tile, 0, PANEL, false), scratch);
        sink.accept(row, rows, p * PANEL, columns, tile);
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
