package seer.model.backend.tornado;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import seer.kernels.Tiles;
import seer.kernels.layer.TileWeights;
import seer.model.backend.Gradients.Taken;
import seer.model.backend.tornado.device.Bank;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import seer.model.backend.tornado.device.TileMatrix;
import uk.ac.manchester.tornado.api.KernelContext;

/// Brings all weights that learned over to those that the model computes with: a launch for all matrices and one for
/// all vectors, as far as they lie in the same banks.
final class WeightTiles {
    private final Device device;
    private final TurnedMatrices turned;
    private final WeightTables<Taken, Launches> tables = new WeightTables<>();

    WeightTiles(Device device, TurnedMatrices turned) {
        this.device = device;
        this.turned = turned;
    }

    /// Weights whose numbers lie in the same banks.
    ///
    /// @param turned of vectors the same as `to`
    private record Launch(Place values, Place to, Place turned, Place table, int groups) { }

    private record Launches(List<Launch> matrices, List<Launch> vectors) { }

    /// A launch while its table is written.
    private record Table(Place values, Place to, Place turned, List<Integer> numbers) {
        List<Bank> banks() {
            return List.of(values.bank(), to.bank(), turned.bank());
        }

        Launch launch(DeviceArena room, int size) {
            return new Launch(values, to, turned, room.integers(numbers.stream().mapToInt(i -> i).toArray()),
                    numbers.size() / size);
        }
    }

    /// @param backend the arena of the whole backend
    void take(List<Taken> all, DeviceArena backend) {
        var launches = tables.of(all, backend, room -> new Launches(
                written(all, Taken::matrix, this::matrix, TileWeights.TILE, room),
                written(all, Taken::vector, WeightTiles::vector, TileWeights.VECTOR, room)));
        for (Launch launch : launches.matrices()) {
            run(device.operation("take matrices", () -> new Operation("take matrices")
                    .step((graph, id, step) -> graph.task(id, TileWeights::matrices, new KernelContext(),
                            step.floats(TileWeights.P_VALUES), step.integers(TileWeights.P_TILES),
                            step.integers(TileWeights.P_TURNED), step.integers(TileWeights.P_TABLE), step.p()))),
                    launch);
        }
        for (Launch launch : launches.vectors()) {
            run(device.operation("take vectors", () -> new Operation("take vectors")
                    .step((graph, id, step) -> graph.task(id, TileWeights::vectors, new KernelContext(),
                            step.floats(TileWeights.P_VALUES), step.floats(TileWeights.P_TILES),
                            step.integers(TileWeights.P_TABLE), step.p()))), launch);
        }
    }

    private void run(Operation take, Launch launch) {
        Step step = take.step(0).put(TileWeights.P_TABLE, launch.table());
        // Tables count from the first element of a bank.
        step.buffer(TileWeights.P_VALUES, launch.values()).put(TileWeights.P_VALUES, 0)
                .buffer(TileWeights.P_TILES, launch.to()).put(TileWeights.P_TILES, 0)
                .buffer(TileWeights.P_TURNED, launch.turned()).put(TileWeights.P_TURNED, 0)
                .groups(launch.groups(), 1, 1, TileWeights.GROUP);
        device.run(take);
    }

    private static List<Launch> written(List<Taken> all, Function<Taken, Object> kind, Function<Taken, Table> writer,
                                        int size, DeviceArena room) {
        Map<List<Bank>, Table> byBanks = new LinkedHashMap<>();
        for (Taken each : all) {
            if (kind.apply(each) != null) {
                Table table = writer.apply(each);
                byBanks.merge(table.banks(), table, (before, more) -> {
                    before.numbers().addAll(more.numbers());
                    return before;
                });
            }
        }
        return byBanks.values().stream().map(table -> table.launch(room, size)).toList();
    }

    private static Table vector(Taken taken) {
        Place from = ((DeviceTensor) taken.values()).at(0);
        var to = (DeviceTensor) taken.vector();
        return new Table(from, to.at(0), to.at(0), new ArrayList<>(List.of(to.size(), from.first(),
                to.at(0).first())));
    }

    private Table matrix(Taken taken) {
        var w = (TileMatrix) taken.matrix();
        Place values = ((DeviceTensor) taken.values()).at(0);
        Place other = turned.room(w).start();
        var table = new Table(values, w.start(), other, new ArrayList<>());
        int half = w.outputs() / 2;
        if (w.paired()) {
            add(table, w, half, values.first(), 2, 0, 0);
            add(table, w, half, values.first() + half * w.inputs(), 2, 1, Tiles.along(half));
        } else {
            add(table, w, w.outputs(), values.first(), 1, 0, 0);
        }
        return table;
    }

    /// All tiles of a matrix, or of one of a pair.
    ///
    /// @param every rows of tiles of one are so many apart, the first of them `shift` further down
    /// @param first its first column of tiles where axes are exchanged
    private static void add(Table table, TileMatrix w, int outputs, int values, int every, int shift, int first) {
        int across = Tiles.along(w.inputs());
        int wide = TurnedMatrices.columns(w) / Tiles.EDGE;
        for (int row = 0; row < Tiles.along(outputs); row++) {
            for (int column = 0; column < across; column++) {
                int r = row * Tiles.EDGE;
                int c = column * Tiles.EDGE;
                table.numbers().addAll(List.of(values + r * w.inputs() + c, w.inputs(),
                        Math.min(Tiles.EDGE, outputs - r), Math.min(Tiles.EDGE, w.inputs() - c),
                        table.to().first() + ((row * every + shift) * across + column) * Tiles.INTS,
                        table.turned().first() + (column * wide + first + row) * Tiles.INTS));
            }
        }
    }
}
