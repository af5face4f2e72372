package seer.model.backend;

/// How a backend stores the elements of a tensor or a matrix.
///
/// Elements come in blocks that share what is needed to read them; of the plain types a block is one element. Shapes
/// and offsets count elements, whatever they are stored as.
public enum ElementType {
    /// 32-bit floats.
    F32(1, 4),
    /// 16-bit floats: 11 bits of precision up to 65,504.
    F16(1, 2),
    /// The upper halves of 32-bit floats: their range, 8 bits of precision.
    BF16(1, 2),
    /// Whole numbers of 8 bits, 32 with a scale that is the upper half of a 32-bit float: each is within half a step
    /// of what it was, a step being 1/127 of the largest magnitude of the 32, rounded up. A row's last block may be
    /// shorter, and then takes less.
    INT8(32, 34);

    private final int blockElements;
    private final int blockBytes;

    ElementType(int blockElements, int blockBytes) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /// Elements that are stored together.
    public int blockElements() {
        return blockElements;
    }

    /// Bytes of so many elements, whole blocks.
    ///
    /// @throws ArithmeticException if 64 bits do not hold them
    public long bytes(long elements) {
        return Math.multiplyExact(Math.ceilDiv(elements, (long) blockElements), (long) blockBytes);
    }
}
