package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// One token's way from the projections to attention: its query turned, its key turned and its value put into the
/// cache, at any position.
///
/// ## Shapes
/// | buffer         | shape                  | type | direction | note                                        |
/// |----------------|------------------------|------|-----------|---------------------------------------------|
/// | `q`, `k`, `v`  | `[H or G, T, D]` in [Tiles] | bf16 | in   | row 0, raw                                  |
/// | `turned`       | `[H, T, D]` in [Tiles] | bf16 | out       | row 0                                       |
/// | `keys`, `values` | `[G, S, D]` in [Tiles] | bf16 | out     | row `P_POSITION`                            |
///
/// | `p[...]`                  | meaning                                                                      |
/// |---------------------------|------------------------------------------------------------------------------|
/// | `P_POSITION`              | of the token                                                                 |
/// | `P_Q`, `P_K`, `P_V`, `P_TILES` | first ints of what is raw; tiles of rows that a head has room for       |
/// | `P_TURNED`, `P_KEYS`, `P_VALUES`, `P_CACHE_TILES` | first ints; tiles of rows of a head of the caches    |
/// | `P_TURNS`, `P_REST`       | first elements                                                               |
///
/// ## Tile
///   item = head and two columns with their partners
/// ## Formula
///   as [TileRope]
/// ## Cost
///   some kilobytes
/// ## Versions
///   reference: [Rope#reference], rounded to bf16 · `columns`
public final class TileAppend {
    public static final int P_POSITION = 0;
    public static final int P_Q = 1;
    public static final int P_K = 2;
    public static final int P_V = 3;
    public static final int P_TILES = 4;
    public static final int P_TURNED = 5;
    public static final int P_KEYS = 6;
    public static final int P_VALUES = 7;
    public static final int P_CACHE_TILES = 8;
    public static final int P_TURNS = 9;
    public static final int P_REST = 10;
    /// Elements of `p`.
    public static final int P_SIZE = 11;

    private static final float RADIANS = 1.4629180792671596e-9f; // 2 pi / 2^32

    private TileAppend() { }

    /// One item for each of `(H + 2 G) * D / 4`.
    public static void columns(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray turned,
            IntArray keys,
                               IntArray values, IntArray turns, FloatArray rest, IntArray p, int H, int G, int D) {
        int item = context.globalIdx;
        int columns = D / 4;
        int depth = Tiles.ROW * D;
        int head = item / columns;
        int column = item % columns;
        int position = p.get(P_POSITION);
        int row = position % Tiles.EDGE;
        if (head < H + G) {
            int from = head < H ? p.get(P_Q) + head * p.get(P_TILES) * depth
                    : p.get(P_K) + (head - H) * p.get(P_TILES) * depth;
            int to = head < H ? p.get(P_TURNED) + head * p.get(P_TILES) * depth
                    : p.get(P_KEYS) + ((head - H) * p.get(P_CACHE_TILES) + position / Tiles.EDGE) * depth;
            int at = head < H ? 0 : row;
            int partner = D == 128 ? Tiles.INTS : 0;
            int beside = D == 128 ? column : column + columns;
            int a = head < H ? q.get(from + Tiles.at(0, column)) : k.get(from + Tiles.at(0, column));
            int b = head < H ? q.get(from + partner + Tiles.at(0, beside)) : k.get(from + partner + Tiles.at(0,
                    beside));
            float scale = rest.get(p.get(P_REST) + D / 2);
            float angle0 = (position * turns.get(p.get(P_TURNS) + column * 2)
                    + (int) (position * rest.get(p.get(P_REST) + column * 2))) * RADIANS;
            float angle1 = (position * turns.get(p.get(P_TURNS) + column * 2 + 1)
                    + (int) (position * rest.get(p.get(P_REST) + column * 2 + 1))) * RADIANS;
            float cos0 = TornadoMath.cos(angle0) * scale;
            float sin0 = TornadoMath.sin(angle0) * scale;
            float cos1 = TornadoMath.cos(angle1) * scale;
            float sin1 = TornadoMath.sin(angle1) * scale;
            int first = Warp.pack(Warp.low(a) * cos0 - Warp.low(b) * sin0, Warp.high(a) * cos1 - Warp.high(b) * sin1);
            int second = Warp.pack(Warp.low(b) * cos0 + Warp.low(a) * sin0, Warp.high(b) * cos1 + Warp.high(a) * sin1);
            if (head < H) {
                turned.set(to + Tiles.at(at, column), first);
                turned.set(to + partner + Tiles.at(at, beside), second);
            } else {
                keys.set(to + Tiles.at(at, column), first);
                keys.set(to + partner + Tiles.at(at, beside), second);
            }
        } else if (head < H + 2 * G) {
            int from = p.get(P_V) + (head - H - G) * p.get(P_TILES) * depth;
            int to = p.get(P_VALUES) + ((head - H - G) * p.get(P_CACHE_TILES) + position / Tiles.EDGE) * depth;
            for (int i = 0; i < 2; i++) {
                int pair = column * 2 + i;
                values.set(to + pair / Tiles.ROW * Tiles.INTS + Tiles.at(row, pair % Tiles.ROW),
                        v.get(from + pair / Tiles.ROW * Tiles.INTS + Tiles.at(0, pair % Tiles.ROW)));
            }
        }
    }
}
