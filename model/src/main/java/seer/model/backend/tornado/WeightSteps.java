package seer.model.backend.tornado;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.kernels.layer.WeightStep;
import seer.model.backend.Gradients.Learned;
import seer.model.backend.Tensor;
import seer.model.backend.WeightChange;
import seer.model.backend.tornado.device.Bank;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;

/// AdamW where the weights are: only sums of squares come back. All weights whose tensors lie in the same banks are one
/// launch.
final class WeightSteps {
    /// Elements of a chunk.
    private static final int CHUNK = 1 << 13;

    private final Device device;
    private final DeviceArena backend;
    private final WeightTables<Learned, List<Launch>> tables = new WeightTables<>();

    /// @param backend the arena of the whole backend
    WeightSteps(Device device, DeviceArena backend) {
        this.device = device;
        this.backend = backend;
    }

    /// Where the tensors of some weights begin.
    private record Places(Place value, Place mean, Place square, Place slope) {
        static Places of(Learned learned, int from) {
            return new Places(at(learned.value(), from), at(learned.mean(), from), at(learned.square(), from),
                    at(learned.slope(), from));
        }

        private static Place at(Tensor tensor, int from) {
            return ((DeviceTensor) tensor).at(from);
        }

        List<Bank> banks() {
            return List.of(value.bank(), mean.bank(), square.bank(), slope.bank());
        }
    }

    /// Weights of the same banks.
    private record Launch(Places places, Place chunks, DeviceTensor sums, int groups) { }

    private List<Launch> launches(List<Learned> weights) {
        return tables.of(weights, backend, room -> launches(weights, room));
    }

    private static List<Launch> launches(List<Learned> weights, DeviceArena room) {
        Map<List<Bank>, Places> first = new LinkedHashMap<>();
        Map<List<Bank>, List<Integer>> chunks = new LinkedHashMap<>();
        for (Learned each : weights) {
            for (int from = 0; from < each.count(); from += CHUNK) {
                var places = Places.of(each, each.from() + from);
                first.putIfAbsent(places.banks(), places);
                chunks.computeIfAbsent(places.banks(), _ -> new ArrayList<>()).addAll(List.of(
                        Math.min(CHUNK, each.count() - from), places.value().first(), places.mean().first(),
                        places.square().first(), places.slope().first()));
            }
        }
        return first.entrySet().stream().map(entry -> launch(entry.getValue(), chunks.get(entry.getKey()), room))
                .toList();
    }

    private static Launch launch(Places places, List<Integer> chunks, DeviceArena room) {
        int groups = chunks.size() / WeightStep.CHUNK;
        return new Launch(places, room.integers(chunks.stream().mapToInt(i -> i).toArray()), room.tensor(groups),
                groups);
    }

    /// Parts on the device, their sum on the host.
    double squares(List<Learned> weights) {
        Operation squares = device.operation("sum of squares", () -> new Operation("sum of squares")
                .step((graph, id, step) -> graph.task(id, WeightStep::squares, new KernelContext(),
                        step.floats(WeightStep.P_SLOPE), step.integers(WeightStep.P_CHUNKS),
                        step.floats(WeightStep.P_PARTS), step.p())));
        double sum = 0;
        for (Launch launch : launches(weights)) {
            set(squares.step(0), launch).put(WeightStep.P_PARTS, launch.sums())
                    .groups(launch.groups(), 1, 1, WeightStep.GROUP);
            device.run(squares);
            for (float part : launch.sums().download()) {
                sum += part;
            }
        }
        return sum;
    }

    void change(List<Learned> weights, WeightChange change) {
        Operation step = device.operation("weights' step", () -> new Operation("weights' step")
                .scaled((graph, id, s) -> graph.task(id, WeightStep::change, new KernelContext(),
                        s.floats(WeightStep.P_X), s.floats(WeightStep.P_MEAN), s.floats(WeightStep.P_SQUARE),
                        s.floats(WeightStep.P_SLOPE), s.integers(WeightStep.P_CHUNKS), s.p(), s.f())));
        for (Launch launch : launches(weights)) {
            set(step.step(0), launch)
                    .floats(change.shorten(), change.keep(), change.size(), change.root())
                    .groups(launch.groups(), 1, 1, WeightStep.GROUP);
            device.run(step);
        }
    }

    /// A chunk counts from the first element of its banks.
    private static Step set(Step step, Launch launch) {
        var places = launch.places();
        return step.put(WeightStep.P_CHUNKS, launch.chunks())
                .buffer(WeightStep.P_X, places.value()).put(WeightStep.P_X, 0)
                .buffer(WeightStep.P_MEAN, places.mean()).put(WeightStep.P_MEAN, 0)
                .buffer(WeightStep.P_SQUARE, places.square()).put(WeightStep.P_SQUARE, 0)
                .buffer(WeightStep.P_SLOPE, places.slope()).put(WeightStep.P_SLOPE, 0);
    }
}
