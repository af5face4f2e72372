package seer.model.backend.tornado;

import java.util.List;
import java.util.stream.Stream;
import seer.kernels.Tiles;
import seer.kernels.layer.TileRope;
import seer.model.attention.Pooling;
import seer.model.backend.GatePools;
import seer.model.backend.LayerEntry;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileMatrix;
import seer.model.backend.tornado.device.TileTensor;
import uk.ac.manchester.tornado.api.KernelContext;

/// A layer's way to attention as one graph of three kernels.
///
/// ```text
///   x -norm-> tiles -product, bias-> raw q, k, v -norms, pooling, rotation-> q, keys, values, pooled q, pooled k
/// ```
/// The last kernel reads queries and keys once, for all that is wanted of them.
final class TilePasses {
    /// In the order that the kernel has them.
    private static final List<Pooling> ORDER = List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG);

    private final Device device;
    private final Rungs rungs;
    private final TileLayers layers;
    private final Frequencies frequencies;

    TilePasses(Device device, Rungs rungs, TileLayers layers, Frequencies frequencies) {
        this.device = device;
        this.rungs = rungs;
        this.layers = layers;
        this.frequencies = frequencies;
    }

    boolean enter(LayerEntry entry) {
        TileTensor q = TileArithmetic.tiles(entry.rawQueries(), "rawQueries");
        TileTensor k = TileArithmetic.tiles(entry.rawKeys(), "rawKeys");
        TileTensor v = TileArithmetic.tiles(entry.values(), "values");
        var w = (TileMatrix) entry.qkv();
        int count = entry.rows();
        var product = TileProducts.heads(rungs, w, count, q.heads(), k.heads(), q.width());
        String name = "enter, " + product.key() + " " + entry.epsilon();
        Operation enter = device.operation(name,
                () -> pass(product.addTo(TileLayers.norm(new Operation(name))), q.width(), entry.epsilon()));
        int fit = layers.projected(w, count);
        boolean pools = pools(entry, fit);
        for (int row = 0; row < count; row += fit) {
            int rows = Math.min(fit, count - row);
            layers.set(enter, product, TileArithmetic.floats(entry.x(), "x"), row, rows,
                    TileArithmetic.floats(entry.norm(), "norm"), entry.epsilon(), orNone(entry.bias()), q, k, v);
            Step step = enter.step(2);
            queries(step, q, row, rows, pools ? entry.pools().block() : Tiles.EDGE, orNone(entry.queryNorm()));
            keys(step, entry, k, v, row);
            turn(step, entry, q, row);
            pool(step, pools ? entry.pools() : null, row);
            groups(step, rows, pools ? entry.pools().block() : Tiles.EDGE, q.heads() + 2 * k.heads());
            device.run(enter);
        }
        return pools;
    }

    /// The rows of all heads, each written where it was read.
    void normHeads(TileTensor x, int rows, DeviceTensor norm, double epsilon) {
        String name = "tile norm heads " + x.width() + " " + epsilon;
        Operation operation = device.operation(name, () -> pass(new Operation(name), x.width(), epsilon));
        if (rows > 0) {
            Step step = operation.step(0);
            queries(step, x, 0, rows, Tiles.EDGE, norm);
            step.put(TileRope.P_GROUPS, 0).put(TileRope.P_HALF, 0).put(TileRope.P_TURNED, -1);
            pool(step, null, 0);
            groups(step, rows, Tiles.EDGE, x.heads());
            device.run(operation);
        }
    }

    private static Operation pass(Operation operation, int width, double epsilon) {
        return operation.step((graph, id, s) -> graph.task(id, TileRope::fused, new KernelContext(),
                s.integers(TileRope.P_Q), s.integers(TileRope.P_K), s.integers(TileRope.P_V),
                s.integers(TileRope.P_TURNED), s.integers(TileRope.P_KEYS), s.integers(TileRope.P_VALUES),
                s.integers(TileRope.P_TURNS), s.floats(TileRope.P_REST), s.floats(TileRope.P_NORM_Q),
                s.floats(TileRope.P_NORM_K), s.floats(TileRope.P_POOLED_Q), s.p(), width, (float) epsilon));
    }

    private static void groups(Step step, int rows, int block, int heads) {
        step.groups(Math.ceilDiv(rows, block), Math.ceilDiv(heads, TileRope.SHARE), 1, TileRope.ITEMS);
    }

    private static void queries(Step step, TileTensor q, int row, int rows, int block, DeviceTensor norm) {
        step.put(TileRope.P_ROWS, rows).put(TileRope.P_BLOCK, block).put(TileRope.P_HEADS, q.heads())
                .put(TileRope.P_Q, q.start().plus(TileLayers.down(row, q.width())))
                .put(TileRope.P_TILES, q.rowTiles()).putOrNone(TileRope.P_NORM_Q, norm);
    }

    private static void keys(Step step, LayerEntry entry, TileTensor k, TileTensor v, int row) {
        var cache = (TileCache) entry.cache();
        int down = TileLayers.down(row, k.width());
        step.put(TileRope.P_GROUPS, k.heads()).put(TileRope.P_K, k.start().plus(down))
                .put(TileRope.P_V, v.start().plus(down)).put(TileRope.P_KV_TILES, k.rowTiles())
                .put(TileRope.P_KEYS, cache.keys().start()).put(TileRope.P_VALUES, cache.values().start())
                .put(TileRope.P_CACHE_TILES, cache.keys().rowTiles()).put(TileRope.P_OFFSET, entry.offset() + row)
                .putOrNone(TileRope.P_NORM_K, orNone(entry.keyNorm()));
    }

    private void turn(Step step, LayerEntry entry, TileTensor q, int row) {
        Rotary rotary = entry.rotary();
        Frequencies.Turns turns = frequencies.of(rotary);
        step.put(TileRope.P_POSITION, entry.offset() + row).put(TileRope.P_HALF, rotary.width() / 2)
                .put(TileRope.P_TURNS, turns.whole()).put(TileRope.P_REST, turns.rest())
                .put(TileRope.P_TURNED, TileArithmetic.tiles(entry.queries(), "queries").start()
                        .plus(TileLayers.down(row, q.width())));
    }

    private static void pool(Step step, GatePools pools, int row) {
        if (pools == null) {
            step.put(TileRope.P_POOL_Q, 0).put(TileRope.P_POOL_K, 0);
            return;
        }
        DeviceTensor queries = TileArithmetic.floats(pools.queries(), "pooled queries");
        DeviceTensor keys = TileArithmetic.floats(pools.keys(), "pooled keys");
        int block = row / pools.block();
        step.put(TileRope.P_POOL_Q, bits(pools.queryPoolings())).put(TileRope.P_POOL_K, bits(pools.keyPoolings()))
                .put(TileRope.P_POOLED_Q, queries.at(block * queries.extent(2)))
                .put(TileRope.P_POOLED_Q_STRIDE, queries.stride())
                .put(TileRope.P_POOLED_K, keys.at((pools.at() + block) * keys.extent(2)))
                .put(TileRope.P_POOLED_K_STRIDE, keys.stride());
    }

    /// Whether the kernel pools what is wanted: whole blocks of tiles, in its own order, into one buffer.
    private static boolean pools(LayerEntry entry, int fit) {
        GatePools pools = entry.pools();
        return pools != null && pools.block() % Tiles.EDGE == 0 && entry.offset() % pools.block() == 0
                && (fit % pools.block() == 0 || fit >= entry.rows())
                && Stream.of(pools.queryPoolings(), pools.keyPoolings()).allMatch(TilePasses::inOrder)
                && TileArithmetic.floats(pools.queries(), "pooled queries").at(0).bank()
                == TileArithmetic.floats(pools.keys(), "pooled keys").at(0).bank();
    }

    private static boolean inOrder(List<Pooling> poolings) {
        return poolings.equals(ORDER.stream().filter(poolings::contains).toList());
    }

    private static int bits(List<Pooling> poolings) {
        return (poolings.contains(Pooling.MAX) ? TileRope.MAX : 0) | (poolings.contains(Pooling.MIN) ? TileRope.MIN : 0)
                | (poolings.contains(Pooling.AVG) ? TileRope.AVERAGE : 0);
    }

    private static DeviceTensor orNone(Tensor tensor) {
        return tensor == null ? null : TileArithmetic.floats(tensor, "a vector");
    }
}
