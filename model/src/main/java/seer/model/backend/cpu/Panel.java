package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.STRIP;

/// The weights of 64 outputs, in whatever form they are kept: [PanelMatmul] asks for some inputs of them at a time and
/// multiplies floats.
sealed interface Panel permits FloatPanel, HalfPanel, QuantizedPanel {
    /// An array that holds the weights of inputs `from .. from + depth`, `from` a multiple of 64 and `depth` of 32, in
    /// strips `[depth, STRIP]`, the first from element [#start] on. It may be the scratch's, and then holds them until
    /// the next call with that scratch.
    float[] floats(int from, int depth, Scratch scratch);

    /// Where input `from` begins in the array that [#floats] returns.
    int start(int from);

    /// Elements from one strip to the next in that array.
    int step(int depth);

    /// Multiplies a single row with the strip that begins with output `lane`: reading the weights is the cost, so they
    /// are used as they come.
    ///
    /// @param out `[STRIP]`
    void row(InputRow a, int lane, float[] out, Scratch scratch);

    /// Rows that are multiplied with a panel at once, at most: more of them share the work of unpacking it.
    int rows();

    /// Copies the weights of one output.
    void output(int lane, float[] target, int at);

    /// Bytes of the heap.
    long bytes();

    /// A place in `[64 / STRIP, inputs, STRIP]`.
    static int place(int inputs, int input, int lane) {
        return (lane / STRIP * inputs + input) * STRIP + lane % STRIP;
    }
}
