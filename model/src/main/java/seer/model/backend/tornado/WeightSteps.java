package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.layer.WeightStep;
import seer.model.backend.Gradients.Learned;
import seer.model.backend.WeightChange;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Operation;
import uk.ac.manchester.tornado.api.KernelContext;

/// AdamW where the weights are: only sums of squares come back.
///
/// @param backend the arena of the whole backend
record WeightSteps(Device device, DeviceArena backend) {
    /// Elements whose squares a group adds up.
    private static final int SPAN = 1 << 14;

    /// Parts on the device, their sum on the host.
    double squares(List<Learned> weights) {
        Operation squares = device.operation("sum of squares", () -> new Operation("sum of squares")
                .step((graph, id, step) -> graph.task(id, WeightStep::squares, new KernelContext(),
                        step.floats(WeightStep.P_SLOPE), step.floats(WeightStep.P_PARTS), step.p())));
        int parts = weights.stream().mapToInt(each -> Math.ceilDiv(each.count(), SPAN)).sum();
        if (parts == 0) {
            return 0;
        }
        try (DeviceArena room = backend.within("the sums")) {
            DeviceTensor sums = room.tensor(parts);
            int at = 0;
            for (Learned each : weights) {
                int groups = Math.ceilDiv(each.count(), SPAN);
                squares.step(0).put(WeightStep.P_COUNT, each.count()).put(WeightStep.P_SPAN, SPAN)
                        .put(WeightStep.P_SLOPE, ((DeviceTensor) each.slope()).at(each.from()))
                        .put(WeightStep.P_PARTS, sums.at(at)).groups(groups, 1, 1, WeightStep.GROUP);
                device.run(squares);
                at += groups;
            }
            double sum = 0;
            for (float part : sums.download()) {
                sum += part;
            }
            return sum;
        }
    }

    void change(List<Learned> weights, WeightChange change) {
        Operation step = device.operation("weights' step", () -> new Operation("weights' step")
                .scaled((graph, id, s) -> graph.task(id, WeightStep::change, new KernelContext(),
                        s.floats(WeightStep.P_X), s.floats(WeightStep.P_MEAN), s.floats(WeightStep.P_SQUARE),
                        s.floats(WeightStep.P_SLOPE), s.p(), s.f())));
        for (Learned each : weights) {
            step.step(0).put(WeightStep.P_COUNT, each.count())
                    .put(WeightStep.P_X, ((DeviceTensor) each.value()).at(each.from()))
                    .put(WeightStep.P_MEAN, ((DeviceTensor) each.mean()).at(each.from()))
                    .put(WeightStep.P_SQUARE, ((DeviceTensor) each.square()).at(each.from()))
                    .put(WeightStep.P_SLOPE, ((DeviceTensor) each.slope()).at(each.from()))
                    .floats(change.shorten(), change.keep(), change.size(), change.root()).items(each.count());
            device.run(step);
        }
    }
}
