package seer.model.backend.tornado.device;

/// Room for what lives only within one operation: normed rows, stacked projections, logits, scores of rows in flight.
/// Operations cut their rows so that they fit. It grows with the widest operation so far, up to [#MOST] or what a
/// bank holds, which moves nothing: what was in it is over.
public final class Scratch {
    /// Floats, or ints of tiles, at most: 256 MiB.
    private static final long MOST = 1 << 26;

    private final DeviceArena backend;
    private final Kind kind;
    private DeviceArena arena;
    private Stretch room;

    private Scratch(DeviceArena backend, Kind kind) {
        this.backend = backend;
        this.kind = kind;
    }

    /// @param backend the arena of the whole backend
    public static Scratch ofFloats(DeviceArena backend) {
        return new Scratch(backend, Kind.FLOATS);
    }

    /// @param backend the arena of the whole backend
    public static Scratch ofTiles(DeviceArena backend) {
        return new Scratch(backend, Kind.INTEGERS);
    }

    /// Rows of `floats` elements that there is room for, at most `wanted`, at least 1.
    public int rows(long floats, int wanted) {
        return rows(floats, wanted, MOST);
    }

    /// The same, not growing beyond `most` elements for it; what is there anyway is used.
    public int rows(long floats, int wanted, long most) {
        long whole = floats * Math.max(wanted, 1);
        long size = Math.max(floats, Math.min(whole, Math.min(most, backend.device().memory().longest())));
        if (room == null || room.size() < size) {
            if (arena != null) {
                arena.close();
            }
            arena = backend.apart("scratch room", 0);
            room = arena.take(kind, size);
        }
        return Math.clamp(room.size() / Math.max(floats, 1), 1, Math.max(wanted, 1));
    }

    /// Where it begins.
    public Place start() {
        return room.start();
    }
}
