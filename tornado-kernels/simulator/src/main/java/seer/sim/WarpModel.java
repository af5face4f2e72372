package seer.sim;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.BFloat16;

/// What stands in the place of `seer.warp.Warp`: a scalar model of each of its operations, of the same name.
///
/// ```text
///   A, 16 x 16 of bf16, 4 ints a lane          B, 16 x 8 of bf16, 2 ints     C and D, 16 x 8 of fp32, 4 floats
///          columns 2t, 2t+1   8+2t, 8+2t+1            column g                     columns 2t    2t+1
///   row g      a[0]              a[2]          rows 2t, 2t+1      b[0]      row g       d[0]  d[1]
///   row g + 8  a[1]              a[3]          rows 8+2t, 8+2t+1  b[1]      row g + 8   d[2]  d[3]
/// ```
/// with `g = lane / 4`, `t = lane % 4`.
public final class WarpModel {

    private static final double LN2 = Math.log(2);
    private static final int LANES = Meeting.LANES;

    private WarpModel() {
    }

    public static void multiplyAdd(float[] d, int di, int[] a, int ai, int[] b, int bi) {
        Meeting meeting = SimulatorThread.group().collectives.meeting();
        int lane = meeting.lane();
        meeting.sums[lane] = d;
        meeting.sumsAt[lane] = di;
        meeting.from[lane] = a;
        meeting.fromAt[lane] = ai;
        meeting.to[lane] = b;
        meeting.toAt[lane] = bi;
        meeting.meet("Warp.multiplyAdd", WarpModel::multiplyAdd);
    }

    private static void multiplyAdd(Meeting meeting) {
        PrivateArrays privates = meeting.group.privates;
        float[] left = new float[256];
        float[] right = new float[128];
        for (int lane = 0; lane < LANES; lane++) {
            meeting.as(lane);
            int ai = meeting.fromAt[lane];
            int bi = meeting.toAt[lane];
            privates.used(meeting.from[lane], ai, 4);
            privates.used(meeting.to[lane], bi, 2);
            privates.used(meeting.sums[lane], meeting.sumsAt[lane], 4);
            left(meeting.from[lane], ai, lane, left);
            int g = lane / 4;
            for (int half = 0; half < 2; half++) {
                int word = meeting.to[lane][bi + half];
                int k = half * 8 + lane % 4 * 2;
                right[k * 8 + g] = low(word);
                right[k * 8 + 8 + g] = high(word);
            }
        }
        for (int lane = 0; lane < LANES; lane++) {
            meeting.as(lane);
            float[] d = meeting.sums[lane];
            int di = meeting.sumsAt[lane];
            int row = lane / 4 * 16;
            int column = lane % 4 * 2;
            for (int k = 0; k < 16; k++) {
                float p = right[k * 8 + column];
                float q = right[k * 8 + column + 1];
                d[di] += left[row + k] * p;
                d[di + 1] += left[row + k] * q;
                d[di + 2] += left[row + 128 + k] * p;
                d[di + 3] += left[row + 128 + k] * q;
            }
            privates.given(d, di, 4);
        }
    }

    /// Puts a lane's four ints of a first factor where they belong in its 16 rows of 16.
    static void left(int[] a, int ai, int lane, float[] rows) {
        for (int i = 0; i < 4; i++) {
            int at = (lane / 4 + i % 2 * 8) * 16 + i / 2 * 8 + lane % 4 * 2;
            rows[at] = low(a[ai + i]);
            rows[at + 1] = high(a[ai + i]);
        }
    }

    public static void load4(int[] local, int at, int[] to, int ti) {
        load("Warp.load4", local, at, to, ti, 0);
    }

    public static void load4Transposed(int[] local, int at, int[] to, int ti) {
        load("Warp.load4Transposed", local, at, to, ti, 1);
    }

    private static void load(String what, int[] local, int at, int[] to, int ti, int transposed) {
        Meeting meeting = SimulatorThread.group().collectives.meeting();
        int lane = meeting.lane();
        meeting.from[lane] = local;
        meeting.fromAt[lane] = at;
        meeting.to[lane] = to;
        meeting.toAt[lane] = ti;
        meeting.word[lane] = transposed;
        meeting.meet(what, WarpModel::load);
    }

    private static void load(Meeting meeting) {
        WorkGroup group = meeting.group;
        group.locals.loadTogether(meeting);
        for (int lane = 0; lane < LANES; lane++) {
            meeting.as(lane);
            group.privates.overwritten(meeting.to[lane], meeting.toAt[lane], 4);
            int r = lane / 4;
            int c = lane % 4;
            for (int matrix = 0; matrix < 4; matrix++) {
                int of = matrix * 8;
                int word;
                if (meeting.word[lane] == 0) {
                    word = meeting.from[of + r][meeting.fromAt[of + r] + c];
                } else {
                    word = half(meeting, of + 2 * c, r) | half(meeting, of + 2 * c + 1, r) << 16;
                }
                meeting.to[lane][meeting.toAt[lane] + matrix] = word;
            }
            group.privates.given(meeting.to[lane], meeting.toAt[lane], 4);
        }
    }

    /// The 16 bits in a column of the row that a lane named.
    private static int half(Meeting meeting, int lane, int column) {
        return meeting.from[lane][meeting.fromAt[lane] + column / 2] >>> column % 2 * 16 & 0xFFFF;
    }

    public static float exchange(float value, int mask) {
        return Float.intBitsToFloat(exchange("Warp.exchange", Float.floatToRawIntBits(value), mask));
    }

    public static int exchangeInt(int value, int mask) {
        return exchange("Warp.exchangeInt", value, mask);
    }

    private static int exchange(String what, int value, int mask) {
        WorkGroup group = SimulatorThread.group();
        Meeting meeting = group.collectives.meeting();
        if (mask < 0 || mask >= LANES) {
            throw new KernelFault(Fault.OUT_OF_RANGE, group.place(group.item, null, -1), "the mask of " + what + " is "
                    + mask + ", not one between 0 and 31");
        }
        int lane = meeting.lane();
        meeting.word[lane] = value;
        meeting.toAt[lane] = mask;
        meeting.meet(what, together -> {
            for (int i = 0; i < LANES; i++) {
                together.got[i] = together.word[i ^ together.toAt[i]];
            }
        });
        return meeting.got[lane];
    }

    public static int ballot(int flag) {
        Meeting meeting = SimulatorThread.group().collectives.meeting();
        int lane = meeting.lane();
        meeting.word[lane] = flag;
        meeting.meet("Warp.ballot", together -> {
            int raised = 0;
            for (int i = 0; i < LANES; i++) {
                raised |= together.word[i] != 0 ? 1 << i : 0;
            }
            Arrays.fill(together.got, raised);
        });
        return meeting.got[lane];
    }

    public static int pack(float low, float high) {
        return BFloat16.bf16FromFloat(low) & 0xFFFF | BFloat16.bf16FromFloat(high) << 16;
    }

    public static float low(int packed) {
        return Float.intBitsToFloat(packed << 16);
    }

    public static float high(int packed) {
        return Float.intBitsToFloat(packed & 0xFFFF0000);
    }

    /// Numbers too small to be normal are zeros, before and after.
    public static float exp2(float x) {
        float power = (float) Math.exp(x * LN2);
        return power < Float.MIN_NORMAL ? 0 : power;
    }

    public static float reciprocal(float x) {
        float one = 1 / (Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0.0f, x) : x);
        return Math.abs(one) < Float.MIN_NORMAL ? Math.copySign(0.0f, one) : one;
    }
}
