package seer.model.backend.tornado.device;

import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// A tensor in a stretch of a bank.
public final class DeviceTensor implements Tensor {
    private final DeviceArena arena;
    private final Stretch stretch;
    private final int[] shape;

    DeviceTensor(DeviceArena arena, Stretch stretch, int... shape) {
        this.arena = arena;
        this.stretch = stretch;
        this.shape = shape.clone();
    }

    @Override
    public Arena arena() {
        return arena;
    }

    /// Where its element `element` is.
    public Place at(int element) {
        return stretch.at(element);
    }

    /// Elements of one slice of the outermost axis.
    public int stride() {
        int stride = 1;
        for (int axis = 1; axis < shape.length; axis++) {
            stride *= shape[axis];
        }
        return stride;
    }

    /// Elements.
    public int size() {
        return shape[0] * stride();
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public float[] download() {
        arena.requireOpen("a tensor");
        return arena.device().staging().read(at(0), size());
    }
}
