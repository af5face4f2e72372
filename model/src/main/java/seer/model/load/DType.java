package seer.model.load;

import java.util.Arrays;
import java.util.List;

/// The element types that weights are stored in, by their names in safetensors and GGUF files.
///
/// Types of llama.cpp's that spend a few bits on a weight store blocks of them, which share a scale: `Q4_0` to `Q8_0`
/// blocks of 32, the `K` types blocks of 256 with scales within scales. [QuantizedBlock] knows what stands where.
public enum DType {
    F32(1, 4), F16(1, 2), BF16(1, 2), I16(1, 2), I32(1, 4), I64(1, 8), U8(1, 1),
    Q4_0(32, 18), Q4_1(32, 20), Q5_0(32, 22), Q5_1(32, 24), Q8_0(32, 34), Q4_K(256, 144), Q5_K(256, 176),
    Q6_K(256, 210);

    private final int block;
    private final int bytes;

    DType(int block, int bytes) {
        this.block = block;
        this.bytes = bytes;
    }

    /// Elements that are stored together: 1, but for quantized types.
    public int block() {
        return block;
    }

    /// Bytes of one block, which is one element but for quantized types.
    public int bytes() {
        return bytes;
    }

    /// Whether elements share scales.
    public boolean isQuantized() {
        return block > 1;
    }

    /// Whether the elements are real numbers that a [WeightTensor] can widen to 32-bit floats.
    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16 || isQuantized();
    }

    /// The types that a safetensors file may hold.
    static List<DType> plain() {
        return Arrays.stream(values()).filter(type -> !type.isQuantized()).toList();
    }
}
