package seer.sim;

import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/// A whole operand of a matrix multiplication, shared by a warp: the single element of the array that
/// plays a fragment. The bits mean halves or bfloat16 only when they are multiplied.
final class Tile extends HalfFloat {

    final int[] source;
    final int byteOffset;
    final int rows;
    private final short[] bits;
    private float[] values;
    private boolean valuesAreBfloat;

    Tile(int[] source, int byteOffset, int rows, int columns) {
        super((short) 0);
        this.source = source;
        this.byteOffset = byteOffset;
        this.rows = rows;
        this.bits = new short[rows * columns];
        for (int i = 0; i < bits.length; i++) {
            int at = byteOffset / 2 + i;
            bits[i] = (short) (source[at / 2] >>> 16 * (at % 2));
        }
    }

    /// The elements, row after row.
    float[] values(boolean bfloat) {
        if (values == null || valuesAreBfloat != bfloat) {
            values = new float[bits.length];
            valuesAreBfloat = bfloat;
            for (int i = 0; i < bits.length; i++) {
                values[i] = bfloat ? BFloat16.bf16ToFloat(bits[i]) : Float.float16ToFloat(bits[i]);
            }
        }
        return values;
    }
}
