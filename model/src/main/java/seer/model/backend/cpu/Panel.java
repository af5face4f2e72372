package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// The weights of 64 outputs, in whatever form they are kept: [PanelMatmul] asks for some inputs of them at a time and
/// multiplies floats.
sealed interface Panel permits FloatPanel, QuantizedPanel {
    /// An array that holds the weights of inputs `from .. from + depth`, `[depth, 64]`, from element [#start] on; both
    /// are multiples of 32. It may be the scratch's, and then holds them until the next call with that scratch.
    float[] floats(int from, int depth, Scratch scratch);

    /// Where input `from` begins in the array that [#floats] returns.
    int start(int from);

    /// Rows that are multiplied with a panel at once, at most: more of them share the work of unpacking it.
    int rows();

    /// Copies the weights of one output.
    void output(int lane, float[] target, int at);

    /// Bytes of the heap.
    long bytes();

    /// A place in `[inputs, 64]`.
    static int place(int input, int lane) {
        return input * PANEL + lane;
    }
}
