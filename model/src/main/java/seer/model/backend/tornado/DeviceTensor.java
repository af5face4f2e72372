package seer.model.backend.tornado;

import seer.model.backend.Tensor;

/// A tensor at an offset of the device's tensor buffer; its place is given back when nobody holds it any more.
final class DeviceTensor implements Tensor {
    private final Device device;
    private final int offset;
    private final int[] shape;

    DeviceTensor(Device device, int size, int... shape) {
        this.device = device;
        this.shape = shape.clone();
        this.offset = device.tensors().take(size, this);
        device.blank().tensor(offset, size);
    }

    /// First element within the buffer.
    int offset() {
        return offset;
    }

    /// Elements of one slice of the outermost axis.
    int stride() {
        int stride = 1;
        for (int axis = 1; axis < shape.length; axis++) {
            stride *= shape[axis];
        }
        return stride;
    }

    int size() {
        return shape[0] * stride();
    }

    Device device() {
        return device;
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public float[] download() {
        return device.read(offset, size());
    }
}
