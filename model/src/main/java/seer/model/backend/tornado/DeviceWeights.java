package seer.model.backend.tornado;

import java.util.List;
import seer.model.backend.Backend;
import seer.model.backend.GradientContract;
import seer.model.backend.Gradients;
import seer.model.backend.Tensor;
import seer.model.backend.WeightChange;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceTensor;

/// What gradients in fp32 and those on tensor cores have in common: vectors, derivatives and the weights that learn are
/// in fp32 with both. [GradientContract] is asked first.
abstract sealed class DeviceWeights implements Gradients permits TornadoGradients, TileGradients {
    final Backend backend;
    final Device device;
    final FloatMoves moves;
    private final WeightSteps steps;

    DeviceWeights(Backend backend, Device device, WeightSteps steps) {
        this.backend = backend;
        this.device = device;
        this.moves = new FloatMoves(device);
        this.steps = steps;
    }

    @Override
    public final void copy(Tensor x, int rows, Tensor to) {
        GradientContract.copy(backend, x, rows, to);
        moves.copy(own(x).at(0), own(to).at(0), rows * x.extent(1));
    }

    @Override
    public final void clear(Tensor x) {
        GradientContract.clear(backend, x);
        device.staging().clear(own(x).at(0), own(x).size());
    }

    @Override
    public final void load(Tensor vector, float[] values) {
        GradientContract.load(backend, vector, values);
        device.staging().write(values, own(vector).at(0));
    }

    @Override
    public final void load(Tensor vector, Tensor values) {
        GradientContract.load(backend, vector, values);
        moves.copy(own(values).at(0), own(vector).at(0), own(vector).size());
    }

    @Override
    public final double squares(List<Learned> weights) {
        GradientContract.learned(backend, weights);
        return steps.squares(weights);
    }

    @Override
    public final void change(List<Learned> weights, WeightChange change) {
        GradientContract.learned(backend, weights);
        steps.change(weights, change);
    }

    /// A tensor in fp32.
    static DeviceTensor own(Tensor tensor) {
        return (DeviceTensor) tensor;
    }
}
