package seer.model.backend.tornado;

import seer.kernels.gate.TilePooling;
import seer.model.attention.Pooling;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.TileTensor;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/// Pooling of queries and keys in tiles, for gates that no kernel takes whole: what is pooled is small, and in fp32.
final class TilePools {
    private final Device device;

    TilePools(Device device) {
        this.device = device;
    }

    void pool(TileTensor x, int from, int rows, int block, List<Pooling> poolings, DeviceTensor pooled, int at) {
        Operation pool = device.operation("pool tiles", () -> new Operation("pool tiles")
                .step((graph, id, step) -> graph.task(id, TilePooling::pairs, new KernelContext(),
                        step.integers(TilePooling.P_X), step.floats(TilePooling.P_POOLED), step.p())));
        if (rows == 0) {
            return;
        }
        pool.step(0).put(TilePooling.P_ROWS, rows).put(TilePooling.P_FROM, from).put(TilePooling.P_D, x.width())
                .put(TilePooling.P_BLOCK, block).put(TilePooling.P_X, x.start())
                .put(TilePooling.P_X_TILES, x.rowTiles()).put(TilePooling.P_POOLED, pooled.at(at * pooled.extent(2)))
                .put(TilePooling.P_POOLED_STRIDE, pooled.stride()).put(TilePooling.P_POOLINGS, poolings.size())
                .put(TilePooling.P_MAX, poolings.indexOf(Pooling.MAX))
                .put(TilePooling.P_MIN, poolings.indexOf(Pooling.MIN))
                .put(TilePooling.P_AVERAGE, poolings.indexOf(Pooling.AVG))
                .groups(Math.ceilDiv(rows, block), x.heads(), 1, TilePooling.ITEMS);
        device.run(pool);
    }
}
