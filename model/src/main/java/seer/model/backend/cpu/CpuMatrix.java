package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.Matrix;
import seer.model.load.DType;
import seer.model.load.QuantizedBlock;
import seer.model.load.WeightTensor;

/// Weights in panels of 64 outputs, each in strips, inputs outermost: the order in which [PanelKernel] reads them.
///
/// ```text
///   w[n, k]            panel p, strip s:  k = 0  [ n = 64 p + STRIP s ... + STRIP ]     contiguous vectors of outputs;
///                                         k = 1  [ n = 64 p + STRIP s ... + STRIP ]     missing outputs are 0
/// ```
///
/// Tensors in BF16 stay so ([HalfPanel]), and quantized ones keep their numbers and scales in the same order
/// ([QuantizedPanel]); a panel in which two types meet is of floats.
///
/// @param panels   `[ceil(outputs / 64)]` of 64 outputs each
/// @param rounding whether rows are rounded to 8 bits where they meet weights of four
record CpuMatrix(Arena arena, int outputs, int inputs, Panel[] panels, boolean rounding) implements Matrix {
    CpuMatrix(Arena arena, int outputs, int inputs, Panel[] panels) {
        this(arena, outputs, inputs, panels, false);
    }

    /// Stacks tensors `[outputs, inputs]` along their outputs.
    ///
    /// @param outputs of all of them
    static CpuMatrix stack(Arena arena, List<WeightTensor> stacked, int outputs, CpuThreads threads) {
        int inputs = stacked.getFirst().shape().getLast();
        var panels = new Panel[panels(outputs)];
        var parts = new ArrayList<List<Rows>>();
        var places = new int[panels.length];
        var counts = new EnumMap<DType, Integer>(DType.class);
        for (int p = 0; p < panels.length; p++) {
            parts.add(rows(stacked, p * PANEL, Math.min(outputs, (p + 1) * PANEL)));
            DType type = type(parts.get(p));
            places[p] = counts.merge(type, 1, Integer::sum) - 1;
        }
        var stores = new EnumMap<DType, QuantizedStore>(DType.class);
        counts.forEach((type, count) -> {
            if (type.isQuantized()) {
                stores.put(type, QuantizedPanel.store(type, inputs, count));
            }
        });
        threads.run(panels.length, (p, scratch) -> {
            DType type = type(parts.get(p));
            panels[p] = type.isQuantized() ? quantized(parts.get(p), type, inputs, stores.get(type), places[p])
                    : type == DType.BF16 ? halves(parts.get(p), inputs) : floats(parts.get(p), inputs);
        });
        return new CpuMatrix(arena, outputs, inputs, panels);
    }

    @Override
    public ElementType type() {
        return ElementType.F32;
    }

    /// Bytes of the heap that the weights take, as they are stored.
    long bytes() {
        return Arrays.stream(panels).mapToLong(Panel::bytes).sum();
    }

    /// Whether any panel is.
    boolean isQuantized() {
        return Arrays.stream(panels).anyMatch(QuantizedPanel.class::isInstance);
    }

    /// The same weights, for rows that are rounded to 8 bits where these are of four.
    CpuMatrix forRoundedRows() {
        boolean fits = Arrays.stream(panels).anyMatch(CpuMatrix::isFourBits);
        return fits ? new CpuMatrix(arena, outputs, inputs, panels, true) : this;
    }

    static boolean isFourBits(Panel panel) {
        return panel instanceof QuantizedPanel quantized && quantized.isFourBits();
    }

    /// Lets go of the panels: the arena is closed.
    void release() {
        Arrays.fill(panels, null);
    }

    /// Rows that are multiplied at once, at most.
    int rows() {
        return panels[0].rows();
    }

    /// Panels that hold so many columns.
    static int panels(int columns) {
        return (columns + PANEL - 1) / PANEL;
    }

    /// A tensor's rows in a panel: rows `first .. first + count` of the tensor are outputs `lane ...`.
    private record Rows(WeightTensor weights, int first, int count, int lane) { }

    /// The rows of a panel, outputs `from .. to`.
    private static List<Rows> rows(List<WeightTensor> stacked, int from, int to) {
        var parts = new ArrayList<Rows>();
        int first = 0;
        for (WeightTensor weights : stacked) {
            int begin = Math.max(from, first);
            int end = Math.min(to, first + weights.shape().getFirst());
            if (begin < end) {
                parts.add(new Rows(weights, begin - first, end - begin, begin - from));
            }
            first += weights.shape().getFirst();
        }
        return parts;
    }

    /// What all of them are kept as: F32 where types differ.
    private static DType type(List<Rows> parts) {
        DType type = parts.getFirst().weights().type();
        return parts.stream().allMatch(part -> part.weights().type() == type) ? type : DType.F32;
    }

    private static Panel halves(List<Rows> parts, int inputs) {
        var panel = HalfPanel.of(inputs);
        var row = new float[inputs];
        for (Rows part : parts) {
            for (int i = 0; i < part.count(); i++) {
                part.weights().readFinite((long) (part.first() + i) * inputs, inputs, row, 0);
                for (int k = 0; k < inputs; k++) {
                    panel.halves()[Panel.place(inputs, k, part.lane() + i)] =
                            (short) (Float.floatToRawIntBits(row[k]) >>> Short.SIZE);
                }
            }
        }
        return panel;
    }

    private static Panel quantized(List<Rows> parts, DType type, int inputs, QuantizedStore store, int place) {
        var panel = new QuantizedPanel(type, inputs, store, place);
        var block = new QuantizedBlock(type);
        int blocks = inputs / type.block();
        for (Rows part : parts) {
            for (int row = 0; row < part.count(); row++) {
                int lane = part.lane() + row;
                part.weights().readBlocks((long) (part.first() + row) * blocks, blocks, block,
                        index -> panel.put(lane, index, block));
            }
        }
        return panel;
    }

    private static Panel floats(List<Rows> parts, int inputs) {
        var panel = new float[Math.multiplyExact(inputs, PANEL)];
        var values = new float[inputs];
        for (Rows part : parts) {
            for (int row = 0; row < part.count(); row++) {
                part.weights().readFinite((long) (part.first() + row) * inputs, inputs, values, 0);
                for (int k = 0; k < inputs; k++) {
                    panel[Panel.place(inputs, k, part.lane() + row)] = values[k];
                }
            }
        }
        return new FloatPanel(panel);
    }

    /// The panels `from .. to` as a matrix of their own, sharing the weights.
    CpuMatrix part(int from, int to) {
        return new CpuMatrix(arena, Math.min(outputs, to * PANEL) - from * PANEL, inputs,
                Arrays.copyOfRange(panels, from, to));
    }

    /// Takes new weights, `[outputs, inputs]`; all become floats.
    void load(float[] weights, CpuThreads threads) {
        long before = bytes();
        threads.run(panels.length, (p, scratch) -> {
            var panel = new float[Math.multiplyExact(inputs, PANEL)];
            for (int lane = 0; lane < Math.min(PANEL, outputs - p * PANEL); lane++) {
                int row = (p * PANEL + lane) * inputs;
                for (int k = 0; k < inputs; k++) {
                    panel[Panel.place(inputs, k, lane)] = weights[row + k];
                }
            }
            panels[p] = new FloatPanel(panel);
        });
        ((CpuArena) arena).grow(bytes() - before);
    }

    /// Copies the weights of one output: an embedding, when the matrix is a table.
    void row(int n, float[] target, int at) {
        panels[n / PANEL].output(n % PANEL, target, at);
    }
}
