package seer.model.load;

/// The element types that weights are stored in, by their safetensors names.
public enum DType {
    F32(4), F16(2), BF16(2), I16(2), I32(4), I64(8), U8(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// Whether the elements are real numbers that a [WeightTensor] can widen to 32-bit floats.
    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16;
    }
}
