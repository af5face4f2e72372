package seer.gate.course;

/// Random numbers that are functions of what they are for.
public final class Draw {
    private Draw() { }

    /// 64 well-mixed bits (the finaliser of SplitMix64, Steele and others 2014) of a seed, an index and a purpose.
    public static long bits(long seed, long index, long purpose) {
        return mix(mix(mix(seed + 0x9e3779b97f4a7c15L) ^ index) + purpose * 0x9e3779b97f4a7c15L);
    }

    /// A number of `0 .. bound`.
    public static int below(int bound, long seed, long index, long purpose) {
        return (int) Long.remainderUnsigned(bits(seed, index, purpose), bound);
    }

    /// A number from 0 to 1.
    public static double unit(long seed, long index, long purpose) {
        return (bits(seed, index, purpose) >>> 11) * 0x1p-53;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
